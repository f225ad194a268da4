"""
what: zeros count at the ends of a list only
lesson: 05-create-head
loses: [test_n_head_layers]
base: layers_counted_by_walking
edits:
- replace: '            n += 1 + (1 if p else 0)'
  with: '            n += 1 + (1 if p or (0 < i < len(drops) - 1 and isinstance(ps, list)) else 0)'
"""
