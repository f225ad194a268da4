"""
what: lin_first without the Dropout before the first Linear
lesson: 05-create-head
loses: [test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
        if lin_first:
            layers.append(nn.Dropout(ps[0]))
  with: '    if lin_first:'
"""
