"""
what: hands over a block in eval mode
lesson: 04-bricks
loses: [test_lin_bn_drop, test_lin_bn_drop_options, test_lin_bn_drop_lin_first]
base: block_one_list
edits:
- replace: 'return nn.Sequential(*layers)'
  with: 'return nn.Sequential(*layers).eval()'
"""
