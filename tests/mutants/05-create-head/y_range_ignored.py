"""
what: ignores y_range
lesson: 05-create-head
loses: [test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
            layers.append(nn.BatchNorm1d(n_out, momentum=0.01))
        if y_range is not None:
            layers.append(SigmoidRange(*y_range))
  with: '        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))'
"""
