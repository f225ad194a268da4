"""
what: keeps the last pool
lesson: 02-the-cut
loses: [test_create_body]
base: create_body_named_children
edits:
- replace: |-
    from collections import OrderedDict


    def create_body(
  with: def create_body(
- replace: '        cut = last_pool_child(model)'
  with: '        cut = last_pool_child(model) + 1'
- replace: '    return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))'
  with: '    return nn.Sequential(*list(model.children())[:cut])'
"""
