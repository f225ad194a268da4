"""
what: in a box, the new first convolution is put before the old one, which stays
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_named_children
edits:
- replace: '    setattr(model.get_submodule(parent), attribute, new)'
  with: |2-
        box = model.get_submodule(parent)
        if isinstance(box, nn.Sequential):
            box.insert(0, new)
        else:
            setattr(box, attribute, new)
"""
