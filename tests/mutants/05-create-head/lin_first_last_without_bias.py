"""
what: lin_first with a last Linear without bias
lesson: 05-create-head
loses: [test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(nn.Linear(sizes[-2], n_out))'
  with: '        layers.append(nn.Linear(sizes[-2], n_out, bias=False))'
"""
