"""
what: never looks at the last layer for the first convolution
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_named_children
edits:
- replace: 'for n, m in model.named_modules() if'
  with: 'for n, m in list(model.named_modules())[:-1] if'
"""
