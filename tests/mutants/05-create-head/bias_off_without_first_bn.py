"""
what: takes the first BatchNorm away and forgets that its Linear then has a bias
lesson: 05-create-head
loses: [test_create_head_batchnorm, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
                    layers.append(nn.Dropout(ps[i]))
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
  with: |2-
                    layers.append(nn.Dropout(ps[i]))
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=False))
"""
