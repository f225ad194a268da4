"""
what: switches the model to eval while it looks
lesson: 02-the-cut
loses: [test_find_cut]
base: find_cut_max
edits:
- replace: 'model.children()'
  with: 'model.eval().children()'
"""
