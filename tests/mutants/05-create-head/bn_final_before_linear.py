"""
what: puts the final BatchNorm before the last Linear
lesson: 05-create-head
loses: [test_create_head_batchnorm, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))'
  with: '        layers.insert(-1, nn.BatchNorm1d(sizes[-2], momentum=0.01))'
"""
