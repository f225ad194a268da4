"""
what: has no bias, with or without BatchNorm
lesson: 04-bricks
loses: [test_lin_bn_drop_options, test_lin_bn_drop_lin_first]
base: block_one_list
edits:
- replace: |2-
        if lin_first:
            layers.append(nn.Linear(n_in, n_out, bias=not bn))
  with: |2-
        if lin_first:
            layers.append(nn.Linear(n_in, n_out, bias=False))
- replace: |2-
                layers.append(nn.Dropout(p))
            layers.append(nn.Linear(n_in, n_out, bias=not bn))
  with: |2-
                layers.append(nn.Dropout(p))
            layers.append(nn.Linear(n_in, n_out, bias=False))
"""
