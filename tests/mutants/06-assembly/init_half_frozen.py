"""
what: takes a layer for frozen only when all of its parameters are
lesson: 06-assembly
loses: [test_apply_init_spares]
base: init_skips
edits:
- replace: '        if not layer.weight.requires_grad:'
  with: '        if not any(p.requires_grad for p in layer.parameters()):'
"""
