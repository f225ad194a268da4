"""
what: ignores lin_first
lesson: 04-bricks
loses: [test_lin_bn_drop_lin_first]
base: block_one_list
edits:
- replace: '    if lin_first:'
  with: '    if False:'
"""
