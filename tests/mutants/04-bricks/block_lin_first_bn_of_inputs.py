"""
what: lin_first with a BatchNorm as wide as the inputs
lesson: 04-bricks
loses: [test_lin_bn_drop_lin_first]
base: block_one_list
edits:
- replace: '            layers.append(nn.BatchNorm1d(n_out))'
  with: '            layers.append(nn.BatchNorm1d(n_in))'
"""
