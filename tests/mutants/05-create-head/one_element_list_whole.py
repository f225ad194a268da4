"""
what: a list ps with one number is used undivided everywhere
lesson: 05-create-head
loses: [test_create_head_lin_ftrs, test_create_head_lin_first]
base: flat_loop
edits:
- replace: '    ps = list(ps) if isinstance(ps, list | tuple) else [ps]'
  with: |2-
        if not isinstance(ps, list):
            ps = [ps / 2] * len(widths) + [ps]
- replace: '        ps = [ps[0] / 2] * len(widths) + ps'
  with: '        ps = ps * (len(widths) + 1)'
"""
