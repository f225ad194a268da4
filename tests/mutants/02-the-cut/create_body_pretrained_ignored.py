"""
what: carries the weights over whatever pretrained says
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: '    if pretrained:'
  with: '    if True:'
"""
