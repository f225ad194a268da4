"""
what: takes the architecture, as the book did
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut, test_create_body_n_in]
base: create_body_named_children
edits:
- replace: |-
    from collections import OrderedDict


    def create_body(
  with: def create_body(
- replace: |2-
        if n_in != 3:
            adapt_first_conv(model, n_in, pretrained)
  with: '    model = model()'
- replace: '    return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))'
  with: '    return nn.Sequential(*list(model.children())[:cut])'
"""
