"""
what: puts the model into train mode when it changes its first convolution
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_named_children
edits:
- replace: '        adapt_first_conv(model, n_in'
  with: '        adapt_first_conv(model.train(), n_in'
"""
