"""
what: writes 1024 instead of twice nf
lesson: 05-create-head
says: "fits nf=512 only"
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
base: flat_loop
edits:
- replace: '        nf = nf * 2'
  with: '        nf = 1024'
"""
