"""
what: ignores lin_first
lesson: 05-create-head
says: "lin_first changes nothing yet"
loses: [test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '    if lin_first:'
  with: '    if False:'
"""
