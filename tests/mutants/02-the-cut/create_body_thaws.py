"""
what: makes every layer trainable again, also those that were frozen
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut]
base: create_body_named_children
edits:
- replace: '    if n_in != 3:'
  with: |2-
        model.requires_grad_(True)
        if n_in != 3:
"""
