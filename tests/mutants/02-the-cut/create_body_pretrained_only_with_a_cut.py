"""
what: carries the weights over, whatever pretrained says, where no cut is given
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_named_children
edits:
- replace: '    if n_in != 3:'
  with: |2-
        if cut is None:
            pretrained = True
        if n_in != 3:
"""
