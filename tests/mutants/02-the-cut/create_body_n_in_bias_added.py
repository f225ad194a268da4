"""
what: adds the bias to the random one
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: 'new.bias.copy_'
  with: 'new.bias.add_'
"""
