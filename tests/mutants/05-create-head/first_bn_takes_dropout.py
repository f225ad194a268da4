"""
what: first_bn=False takes the first Dropout away as well
lesson: 05-create-head
loses: [test_create_head_batchnorm, test_create_head_together]
base: flat_loop
edits:
- replace: '            if ps[i] != 0:'
  with: '            if bn and ps[i] != 0:'
"""
