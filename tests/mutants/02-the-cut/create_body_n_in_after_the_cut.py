"""
what: adapts the model after the body was cut off
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_named_children
edits:
- replace: |-
    from collections import OrderedDict


    def create_body(
  with: def create_body(
- replace: ') -> nn.Sequential:'
  with: |-
    ) -> nn.Sequential:
        if cut is None:
            cut = last_pool_child(model)
        body = cut(model) if callable(cut) else nn.Sequential(*list(model.children())[:cut])
- replace: |2-
        if cut is None:
            cut = last_pool_child(model)
        if callable(cut):
            return cut(model)
        return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))
  with: '    return body'
"""
