"""
what: takes the maximum instead of the average when concat_pool=False
lesson: 05-create-head
loses: [test_create_head_pool, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1))'
  with: '        layers.append(AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveMaxPool2d(1))'
"""
