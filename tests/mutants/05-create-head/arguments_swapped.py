"""
what: "n_out and nf are swapped"
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
says: "the first two arguments are swapped"
base: flat_loop
edits:
- replace: "    nf,\\n    n_out,\\n    lin_ftrs"
  with: "    n_out,\\n    nf,\\n    lin_ftrs"
"""
