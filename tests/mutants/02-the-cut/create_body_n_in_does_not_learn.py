"""
what: the new first convolution is frozen
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: '    setattr(model.get_submodule(parent), attribute, new)'
  with: |2-
        new.weight.requires_grad_(False)
        setattr(model.get_submodule(parent), attribute, new)
"""
