"""
what: layers of the same kinds with fresh weights
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut, test_create_body_n_in]
base: create_body_named_children
edits:
- replace: from collections import OrderedDict
  with: import copy
- replace: '        adapt_first_conv(model, n_in, pretrained)'
  with: |2-
            adapt_first_conv(model, n_in, pretrained)
        model = copy.deepcopy(model)
        for m in model.modules():
            if hasattr(m, "reset_parameters"):
                m.reset_parameters()
- replace: '    return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))'
  with: '    return nn.Sequential(*list(model.children())[:cut])'
"""
