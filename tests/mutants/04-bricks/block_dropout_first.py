"""
what: Dropout before BatchNorm
lesson: 04-bricks
loses: [test_lin_bn_drop, test_lin_bn_drop_options]
base: block_one_list
edits:
- replace: '    else:'
  with: |2-
        else:
            if p > 0:
                layers.append(nn.Dropout(p))
- replace: |2-
                layers.append(nn.BatchNorm1d(n_in))
            if p > 0:
                layers.append(nn.Dropout(p))
  with: '            layers.append(nn.BatchNorm1d(n_in))'
"""
