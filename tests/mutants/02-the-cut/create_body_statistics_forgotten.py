"""
what: the statistics of BatchNorm start anew
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut, test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: '    if cut is None:'
  with: |2-
        for part in model.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.running_var.fill_(2.0)
        if cut is None:
"""
