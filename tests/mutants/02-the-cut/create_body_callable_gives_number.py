"""
what: takes the result of the function for an index
lesson: 02-the-cut
loses: [test_create_body_cut]
base: create_body_named_children
edits:
- replace: |-
    from collections import OrderedDict


    def create_body(
  with: def create_body(
- replace: |2-
            return cut(model)
        return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))
  with: |2-
            cut = cut(model)
        return nn.Sequential(*list(model.children())[:cut])
"""
