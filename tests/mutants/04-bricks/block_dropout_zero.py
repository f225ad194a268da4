"""
what: adds Dropout(0) in the default order
lesson: 04-bricks
loses: [test_lin_bn_drop_options]
base: block_one_list
edits:
- replace: |2-
                layers.append(nn.BatchNorm1d(n_in))
            if p > 0:
                layers.append(nn.Dropout(p))
  with: |2-
                layers.append(nn.BatchNorm1d(n_in))
            layers.append(nn.Dropout(p))
"""
