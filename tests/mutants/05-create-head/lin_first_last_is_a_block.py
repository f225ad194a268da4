"""
what: lin_first with ReLU and BatchNorm after the last Linear too
lesson: 05-create-head
loses: [test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(nn.Linear(sizes[-2], n_out))'
  with: '        layers += [nn.Linear(sizes[-2], n_out), nn.ReLU(), nn.BatchNorm1d(n_out)]'
"""
