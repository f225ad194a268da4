"""
what: initialises Linear and Conv2d, and no other layer with a weight
lesson: 06-assembly
loses: [test_apply_init]
base: init_skips
edits:
- replace: '        if getattr(layer, "weight", None) is None or isinstance(layer, norms):'
  with: '        if not isinstance(layer, (nn.Linear, nn.Conv2d)):'
"""
