"""
what: takes a split at 0 for no split
lesson: 07-split-freeze-train
loses: [test_split_params]
base: split_params_library
edits:
- replace: 'if at is None'
  with: 'if not at'
"""
