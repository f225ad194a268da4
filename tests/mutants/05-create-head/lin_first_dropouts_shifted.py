"""
what: lin_first with each block's dropout taken one too early
lesson: 05-create-head
loses: [test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
                if ps[i + 1] != 0:
                    layers.append(nn.Dropout(ps[i + 1]))
  with: |2-
                if ps[i] != 0:
                    layers.append(nn.Dropout(ps[i]))
"""
