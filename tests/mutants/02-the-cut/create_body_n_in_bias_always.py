"""
what: a bias whether there was one or not
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_named_children
edits:
- replace: |-
    from collections import OrderedDict


    def create_body(
  with: def create_body(
- replace: '    return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))'
  with: '    return nn.Sequential(*list(model.children())[:cut])'
- replace: |2-
            dilation=old.dilation,
            bias=old.bias is not None,
            padding_mode=old.padding_mode,
  with: '        dilation=old.dilation,'
"""
