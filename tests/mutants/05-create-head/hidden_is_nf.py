"""
what: makes the default hidden layer as wide as the body's features
lesson: 05-create-head
says: "the hidden layer follows nf"
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: '    widths = [512] if lin_ftrs is None else list(lin_ftrs)'
  with: '    widths = [nf] if lin_ftrs is None else list(lin_ftrs)'
"""
