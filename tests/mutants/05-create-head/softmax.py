"""
what: softmax at the end
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(SigmoidRange(*y_range))'
  with: |2-
            layers.append(SigmoidRange(*y_range))
        layers.append(nn.Softmax(dim=1))
"""
