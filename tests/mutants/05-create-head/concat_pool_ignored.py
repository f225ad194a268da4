"""
what: always takes the concat pool
lesson: 05-create-head
loses: [test_create_head_pool, test_create_head_together]
base: flat_loop
edits:
- replace: '    if pool and concat_pool:'
  with: '    if pool:'
- replace: '        layers.append(AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1))'
  with: '        layers.append(AdaptiveConcatPool2d())'
"""
