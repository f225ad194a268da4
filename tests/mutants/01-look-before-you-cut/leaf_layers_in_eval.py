"""
what: switches the model to eval while it looks
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
base: leaf_layers_stack
edits:
- replace: 'stack, layers = [model], []'
  with: 'stack, layers = [model.eval()], []'
"""
