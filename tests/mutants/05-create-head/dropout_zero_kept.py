"""
what: adds Dropout(0) where there is no dropout
lesson: 05-create-head
loses: [test_create_head_lin_ftrs]
base: flat_loop
edits:
- replace: |2-
                if ps[i] != 0:
                    layers.append(nn.Dropout(ps[i]))
  with: '            layers.append(nn.Dropout(ps[i]))'
"""
