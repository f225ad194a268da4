"""
what: ignores pool=False
lesson: 05-create-head
loses: [test_create_head_pool, test_create_head_together]
base: flat_loop
edits:
- replace: '    if pool:'
  with: '    if True:'
"""
