"""
what: lin_first in the order Linear, BatchNorm, act
lesson: 04-bricks
loses: [test_lin_bn_drop_lin_first]
base: block_one_list
edits:
- replace: |2-
        if lin_first:
            layers.append(nn.Linear(n_in, n_out, bias=not bn))
  with: |2-
        if lin_first:
            layers.append(nn.Linear(n_in, n_out, bias=not bn))
            if bn:
                layers.append(nn.BatchNorm1d(n_out))
- replace: |2-
                layers.append(act)
            if bn:
                layers.append(nn.BatchNorm1d(n_out))
  with: '            layers.append(act)'
"""
