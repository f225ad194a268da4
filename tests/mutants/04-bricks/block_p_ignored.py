"""
what: the dropout is always one half
lesson: 04-bricks
loses: [test_lin_bn_drop, test_lin_bn_drop_options, test_lin_bn_drop_lin_first]
base: block_one_list
edits:
- replace: |2-
                layers.append(nn.BatchNorm1d(n_out))
            if p > 0:
                layers.append(nn.Dropout(p))
  with: |2-
                layers.append(nn.BatchNorm1d(n_out))
            if p > 0:
                layers.append(nn.Dropout(0.5))
- replace: |2-
                layers.append(nn.BatchNorm1d(n_in))
            if p > 0:
                layers.append(nn.Dropout(p))
  with: |2-
                layers.append(nn.BatchNorm1d(n_in))
            if p > 0:
                layers.append(nn.Dropout(0.5))
"""
