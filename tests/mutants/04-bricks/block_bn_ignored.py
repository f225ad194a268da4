"""
what: always has a BatchNorm
lesson: 04-bricks
loses: [test_lin_bn_drop_options, test_lin_bn_drop_lin_first]
base: block_one_list
edits:
- replace: |2-
                layers.append(act)
            if bn:
  with: |2-
                layers.append(act)
            if True:
- replace: |2-
        else:
            if bn:
  with: |2-
        else:
            if True:
"""
