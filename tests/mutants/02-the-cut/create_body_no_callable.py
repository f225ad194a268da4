"""
what: a function as cut is not handled
lesson: 02-the-cut
loses: [test_create_body_cut]
base: create_body_named_children
edits:
- replace: |-
    from collections import OrderedDict


    def create_body(
  with: def create_body(
- replace: |2-
        if callable(cut):
            return cut(model)
        return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))
  with: '    return nn.Sequential(*list(model.children())[:cut])'
"""
