"""
what: the order Linear, BatchNorm, act, Dropout by default
lesson: 04-bricks
loses: [test_lin_bn_drop, test_lin_bn_drop_options]
base: block_one_list
edits:
- replace: '    else:'
  with: |2-
        else:
            layers.append(nn.Linear(n_in, n_out, bias=not bn))
- replace: '            layers.append(nn.BatchNorm1d(n_in))'
  with: |2-
                layers.append(nn.BatchNorm1d(n_out))
            if act is not None:
                layers.append(act)
- replace: |2-
                layers.append(nn.Dropout(p))
            layers.append(nn.Linear(n_in, n_out, bias=not bn))
            if act is not None:
                layers.append(act)
  with: '            layers.append(nn.Dropout(p))'
"""
