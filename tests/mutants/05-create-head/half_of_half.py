"""
what: halves the dropout once more for every layer further from the end
lesson: 05-create-head
loses: [test_create_head_lin_ftrs, test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '        ps = [ps[0] / 2] * len(widths) + ps'
  with: '        ps = [ps[0] / 2 ** (len(widths) - i) for i in range(len(widths) + 1)]'
"""
