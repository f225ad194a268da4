"""
what: the widest hidden layer first
lesson: 05-create-head
loses: [test_create_head_lin_ftrs, test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '    widths = [512] if lin_ftrs is None else list(lin_ftrs)'
  with: '    widths = [512] if lin_ftrs is None else sorted(lin_ftrs, reverse=True)'
"""
