"""
what: thaws the model when it changes its first convolution
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_named_children
edits:
- replace: '    parent, _, attribute'
  with: |2-
        model.requires_grad_(True)
        parent, _, attribute
"""
