"""
what: the function cuts another model of the same class
lesson: 02-the-cut
loses: [test_create_body_cut]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: '        return cut(model)'
  with: '        return cut(type(model)() if type(model) is SmallNet else model)'
"""
