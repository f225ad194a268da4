"""
what: lin_first with a BatchNorm as wide as the Linear's inputs
lesson: 05-create-head
loses: [test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '                layers.append(nn.BatchNorm1d(sizes[i + 1]))'
  with: '                layers.append(nn.BatchNorm1d(sizes[i]))'
"""
