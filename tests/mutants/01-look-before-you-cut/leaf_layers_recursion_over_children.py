"""
what: recursion over children(), which skips repeats within a box
lesson: 01-look-before-you-cut
loses: [test_leaf_layers_shared]
base: leaf_layers_recursion
edits:
- replace: '    inside = model._modules.values()'
  with: '    inside = list(model.children())'
- replace: '    return sum((leaf_layers(part) for part in inside), [])'
  with: '    return [leaf for child in inside for leaf in leaf_layers(child)]'
"""
