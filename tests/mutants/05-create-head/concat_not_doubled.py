"""
what: forgets that concat pooling doubles nf
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
        widths = [512] if lin_ftrs is None else list(lin_ftrs)
        if pool and concat_pool:
            nf = nf * 2
  with: '    widths = [512] if lin_ftrs is None else list(lin_ftrs)'
"""
