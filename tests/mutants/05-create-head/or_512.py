"""
what: writes lin_ftrs or [512], so that an empty list becomes 512
lesson: 05-create-head
says: "takes it for None"
loses: [test_create_head_lin_ftrs, test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '    widths = [512] if lin_ftrs is None else list(lin_ftrs)'
  with: '    widths = lin_ftrs or [512]'
"""
