"""
what: one 0 in a list is one Dropout less
lesson: 05-create-head
loses: [test_n_head_layers]
base: layers_counted_by_walking
edits:
- replace: '        drops = [drops[0] / 2 for _ in widths] + [drops[0]]'
  with: '        drops = [drops[0] / 2 or ps is drops for _ in widths] + [drops[0]]'
"""
