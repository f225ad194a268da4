"""
what: doubles nf for concat_pool even when there is no pool
lesson: 05-create-head
loses: [test_create_head_pool, test_create_head_together]
base: lin_bn_drop
edits:
- replace: '    sizes = [nf * 2 if pool and concat_pool else nf, *widths, n_out]'
  with: '    sizes = [nf * 2 if concat_pool else nf, *widths, n_out]'
"""
