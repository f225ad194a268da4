"""
what: pools to 2 by 2 instead of 1 by 1
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1))'
  with: '        layers.append(AdaptiveConcatPool2d(2) if concat_pool else nn.AdaptiveAvgPool2d(1))'
"""
