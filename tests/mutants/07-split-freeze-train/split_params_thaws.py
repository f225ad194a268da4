"""
what: makes everything trainable while it looks
lesson: 07-split-freeze-train
loses: [test_split_params]
base: split_params_library
edits:
- replace: '    children = list(model[0])'
  with: '    children = list(model.requires_grad_(True)[0])'
"""
