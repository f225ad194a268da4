"""
what: the branch for lin_first returns before bn_final and y_range
lesson: 05-create-head
loses: [test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(nn.Linear(sizes[-2], n_out))'
  with: |2-
            layers.append(nn.Linear(sizes[-2], n_out))
            return nn.Sequential(*layers)
"""
