"""
what: doubles nf even when the pool takes the average alone
lesson: 05-create-head
loses: [test_create_head_pool, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
        if pool and concat_pool:
            nf = nf * 2
  with: '    nf = nf * 2'
"""
