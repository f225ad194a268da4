"""
what: the first convolution must be the first child
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
- replace: '    name, old = next((n, m) for n, m in model.named_modules() if isinstance(m, nn.Conv2d))'
  with: '    name, old = next((n, m) for n, m in model.named_children() if isinstance(m, nn.Conv2d))'
"""
