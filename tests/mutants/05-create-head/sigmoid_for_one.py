"""
what: a sigmoid at the end when there is one output
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(SigmoidRange(*y_range))'
  with: |2-
            layers.append(SigmoidRange(*y_range))
        if n_out == 1:
            layers.append(nn.Sigmoid())
"""
