"""
what: the body is put into train mode
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: '    return nn.Sequential(*list(model.children())[:cut])'
  with: '    return nn.Sequential(*list(model.children())[:cut]).train()'
"""
