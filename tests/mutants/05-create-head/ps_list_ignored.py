"""
what: a list ps is read as its first number
lesson: 05-create-head
loses: [test_create_head_lin_ftrs, test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '    ps = list(ps) if isinstance(ps, list | tuple) else [ps]'
  with: |2-
        ps = list(ps) if isinstance(ps, list | tuple) else [ps]
        ps = ps[:1]
"""
