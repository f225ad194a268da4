"""
what: a ModuleList
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut, test_create_body_n_in]
base: create_body_named_children
edits:
- replace: |-
    from collections import OrderedDict


    def create_body(
  with: def create_body(
- replace: '    return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))'
  with: '    return nn.ModuleList(list(model.children())[:cut])'
"""
