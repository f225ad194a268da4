"""
what: puts all children into the body
lesson: 02-the-cut
loses: [test_create_body]
base: create_body_named_children
edits:
- replace: |-
    from collections import OrderedDict


    def create_body(
  with: def create_body(
- replace: |2-
            adapt_first_conv(model, n_in, pretrained)
        if cut is None:
            cut = last_pool_child(model)
  with: '        adapt_first_conv(model, n_in, pretrained)'
- replace: '    return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))'
  with: '    return nn.Sequential(*list(model.children())[:cut])'
"""
