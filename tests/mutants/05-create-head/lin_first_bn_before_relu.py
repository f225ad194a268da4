"""
what: lin_first in the order Linear, BatchNorm, ReLU
lesson: 05-create-head
loses: [test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
                layers.append(nn.ReLU())
  with: '            layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))'
- replace: '                layers.append(nn.BatchNorm1d(sizes[i + 1]))'
  with: |2-
                    layers.append(nn.BatchNorm1d(sizes[i + 1]))
                layers.append(nn.ReLU())
"""
