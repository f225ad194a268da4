"""
what: knows BatchNorm2d alone
lesson: 07-split-freeze-train
loses: [test_freeze_body]
base: body_one_pass
edits:
- replace: 'isinstance(layer, _BatchNorm)'
  with: 'isinstance(layer, nn.BatchNorm2d)'
"""
