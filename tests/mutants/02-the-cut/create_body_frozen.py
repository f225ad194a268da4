"""
what: the body is frozen
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut, test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: |2-
            return cut(model)
        return nn.Sequential(*list(model.children())[:cut])
  with: |2-
            return cut(model).requires_grad_(False)
        return nn.Sequential(*list(model.children())[:cut]).requires_grad_(False)
"""
