"""
what: "nn.ReLU without brackets"
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
says: "brackets make a layer of it"
base: flat_loop
edits:
- replace: "layers.append(nn.ReLU())\\n            if bn:"
  with: "layers.append(nn.ReLU)\\n            if bn:"
- replace: "layers.append(nn.ReLU())\\n    if bn_final"
  with: "layers.append(nn.ReLU)\\n    if bn_final"
"""
