"""
what: does not expect a normalisation layer whose weight is None
lesson: 06-assembly
loses: [test_apply_init_spares]
base: init_skips
edits:
- replace: '        if getattr(layer, "weight", None) is None or isinstance(layer, norms):'
  with: '        if not hasattr(layer, "weight") or not layer.weight.requires_grad:'
- replace: '        if not layer.weight.requires_grad:'
  with: '        if isinstance(layer, norms):'
"""
