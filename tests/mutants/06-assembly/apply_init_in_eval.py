"""
what: switches everything to eval
lesson: 06-assembly
loses: [test_apply_init_spares]
base: init_with_apply
edits:
- replace: '    m.apply(one)'
  with: '    m.eval().apply(one)'
"""
