"""
what: ReLU after the last Linear
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
                if i < len(widths):
                    layers.append(nn.ReLU())
  with: '            layers.append(nn.ReLU())'
"""
