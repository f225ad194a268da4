"""
what: a ReLU that stops at 50, which no small number shows
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
                layers.append(nn.ReLU())
                if bn:
  with: |2-
                layers.append(nn.Hardtanh(0, 50))
                if bn:
- replace: |2-
                if i < len(widths):
                    layers.append(nn.ReLU())
  with: |2-
                if i < len(widths):
                    layers.append(nn.Hardtanh(0, 50))
"""
