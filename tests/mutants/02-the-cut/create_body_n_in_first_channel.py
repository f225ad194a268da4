"""
what: the first channel only
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
- replace: '                new.weight.copy_(old.weight.sum(1, keepdim=True))'
  with: '                new.weight.copy_(old.weight[:, :1])'
"""
