"""
what: a plain sigmoid whatever the range is
lesson: 05-create-head
loses: [test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(SigmoidRange(*y_range))'
  with: '        layers.append(nn.Sigmoid())'
"""
