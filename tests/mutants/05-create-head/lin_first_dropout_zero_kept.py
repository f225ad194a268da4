"""
what: keeps a Dropout(0) in the blocks of lin_first
lesson: 05-create-head
loses: [test_create_head_lin_first]
base: flat_loop
edits:
- replace: '            if ps[i + 1] != 0:'
  with: '            if True:'
"""
