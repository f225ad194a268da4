"""
what: doubles nf whenever there is a pool, also for the average pool
lesson: 05-create-head
loses: [test_create_head_pool, test_create_head_together]
base: flat_loop
edits:
- replace: '    if pool and concat_pool:'
  with: '    if pool:'
"""
