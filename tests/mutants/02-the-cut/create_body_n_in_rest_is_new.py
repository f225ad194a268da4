"""
what: the layers behind the new first convolution start anew
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: '    setattr(model.get_submodule(parent), attribute, new)'
  with: |2-
        for part in model.modules():
            if part is not old and hasattr(part, "reset_parameters"):
                part.reset_parameters()
        setattr(model.get_submodule(parent), attribute, new)
"""
