"""
what: the last BatchNorm has the usual momentum
lesson: 05-create-head
loses: [test_create_head_batchnorm, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))'
  with: '        layers.append(nn.BatchNorm1d(n_out))'
"""
