"""
what: a cut that is a function gets the model with three channels
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: |2-
        model = copy.deepcopy(model)
        if n_in != 3:
  with: '    if n_in != 3 and not callable(cut):'
"""
