"""
what: a function as the cut gets the model in train mode
lesson: 02-the-cut
loses: [test_create_body_cut]
base: create_body_named_children
edits:
- replace: '        return cut(model)'
  with: '        return cut(model.train())'
"""
