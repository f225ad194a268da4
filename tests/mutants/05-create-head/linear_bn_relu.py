"""
what: the order Linear, BatchNorm, ReLU in every block
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
                bn = first_bn or i > 0
                if bn:
                    layers.append(nn.BatchNorm1d(sizes[i]))
                if ps[i] != 0:
                    layers.append(nn.Dropout(ps[i]))
  with: '            bn = first_bn or i > 0'
- replace: '            if i < len(widths):'
  with: |2-
                if i < len(widths):
                    if bn:
                        layers.append(nn.BatchNorm1d(sizes[i + 1]))
- replace: '                layers.append(nn.ReLU())'
  with: |2-
                    layers.append(nn.ReLU())
                    if ps[i] != 0:
                        layers.append(nn.Dropout(ps[i]))
"""
