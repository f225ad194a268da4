"""
what: forgets all weights of the body when pretrained is False
lesson: 02-the-cut
loses: [test_create_body, test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
  with: |2-
        if not pretrained:
            for part in model.modules():
                if hasattr(part, "reset_parameters"):
                    part.reset_parameters()
"""
