"""
what: calls model.forward(x), which runs no hook of the model itself
lesson: 03-counting-features
loses: [test_layer_shapes]
base: hooks_in_a_list
edits:
- replace: '            model(x)'
  with: '            model.forward(x)'
"""
