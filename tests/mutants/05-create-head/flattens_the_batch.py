"""
what: "nn.Flatten(0) flattens the batch too"
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
says: "the batch was flattened too"
base: flat_loop
edits:
- replace: "layers.append(Flatten())"
  with: "layers.append(nn.Flatten(0))"
"""
