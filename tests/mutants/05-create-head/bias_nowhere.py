"""
what: has no bias anywhere, also where no BatchNorm is
lesson: 05-create-head
loses: [test_create_head_batchnorm, test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
                bn = first_bn or i > 0
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
  with: |2-
                bn = first_bn or i > 0
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=False))
- replace: |2-
                    layers.append(nn.Dropout(ps[i]))
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
  with: |2-
                    layers.append(nn.Dropout(ps[i]))
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=False))
"""
