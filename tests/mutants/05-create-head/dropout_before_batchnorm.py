"""
what: Dropout before BatchNorm in every block
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
            for i in range(len(sizes) - 1):
                bn = first_bn or i > 0
  with: |2-
            for i in range(len(sizes) - 1):
                bn = first_bn or i > 0
                if ps[i] != 0:
                    layers.append(nn.Dropout(ps[i]))
- replace: |2-
                    layers.append(nn.BatchNorm1d(sizes[i]))
                if ps[i] != 0:
                    layers.append(nn.Dropout(ps[i]))
  with: '                layers.append(nn.BatchNorm1d(sizes[i]))'
"""
