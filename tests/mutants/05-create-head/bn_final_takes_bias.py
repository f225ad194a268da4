"""
what: with lin_first, bn_final takes the bias of the last Linear away
lesson: 05-create-head
loses: [test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(nn.Linear(sizes[-2], n_out))'
  with: '        layers.append(nn.Linear(sizes[-2], n_out, bias=not bn_final))'
"""
