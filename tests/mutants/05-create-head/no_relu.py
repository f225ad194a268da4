"""
what: forgets the ReLU, so that two Linears are one
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
                if i < len(widths):
                    layers.append(nn.ReLU())
  with: '            layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))'
"""
