"""
what: returns inside of finally, which swallows the error
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
base: hooks_in_a_list
edits:
- replace: '    return rows'
  with: '        return rows'
"""
