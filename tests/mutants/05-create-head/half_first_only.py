"""
what: half the dropout in the first block only
lesson: 05-create-head
loses: [test_create_head_lin_ftrs, test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '        ps = [ps[0] / 2] * len(widths) + ps'
  with: '        ps = [ps[0] / 2, *ps * len(widths)] if widths else ps'
"""
