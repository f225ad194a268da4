"""
what: no hidden layer, no first BatchNorm, and the only Linear has no bias
lesson: 05-create-head
loses: [test_create_head_together]
base: lin_bn_drop
edits:
- replace: '        head.extend(LinBnDrop(sizes[-2], n_out, first_bn or len(widths) > 0, ps[-1]))'
  with: |2-
            head.extend(
                [
                    *list(LinBnDrop(sizes[-2], n_out, first_bn or len(widths) > 0, ps[-1]))[:-1],
                    nn.Linear(sizes[-2], n_out, bias=False),
                ]
            )
"""
