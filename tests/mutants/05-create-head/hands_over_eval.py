"""
what: hands over a head in eval mode
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
base: flat_loop
edits:
- replace: 'return nn.Sequential(*layers)'
  with: 'return nn.Sequential(*layers).eval()'
"""
