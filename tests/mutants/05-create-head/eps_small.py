"""
what: BatchNorm with an eps of 1e-6
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: layers.append(nn.BatchNorm1d(sizes[i]))
  with: layers.append(nn.BatchNorm1d(sizes[i], eps=1e-6))
- replace: layers.append(nn.BatchNorm1d(sizes[i + 1]))
  with: layers.append(nn.BatchNorm1d(sizes[i + 1], eps=1e-6))
"""
