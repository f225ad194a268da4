"""
what: the same dropout everywhere, no half
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: '        ps = [ps[0] / 2] * len(widths) + ps'
  with: '        ps = ps * (len(widths) + 1)'
"""
