"""
what: draws evenly instead of normally, with the same spread
lesson: 06-assembly
loses: [test_apply_init]
base: init_skips
edits:
- replace: 'def apply_init(m, func=nn.init.kaiming_normal_):'
  with: 'def apply_init(m, func=nn.init.kaiming_uniform_):'
"""
