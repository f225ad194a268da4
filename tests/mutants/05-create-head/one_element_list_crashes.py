"""
what: expands a number ps, but not a list with one number
lesson: 05-create-head
loses: [test_create_head_lin_ftrs, test_create_head_lin_first, test_create_head_lists]
base: flat_loop
edits:
- replace: |2-
        ps = list(ps) if isinstance(ps, list | tuple) else [ps]
        if len(ps) == 1:
            ps = [ps[0] / 2] * len(widths) + ps
  with: |2-
        if not isinstance(ps, list):
            ps = [ps / 2] * len(widths) + [ps]
"""
