"""
what: freezes what it looks at
lesson: 02-the-cut
loses: [test_has_pool_type_names]
base: has_pool_type_match
edits:
- replace: 'm.modules()'
  with: 'm.requires_grad_(False).modules()'
"""
