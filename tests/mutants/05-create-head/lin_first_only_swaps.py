"""
what: lin_first only moves each Linear to the front of its block
lesson: 05-create-head
loses: [test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
            layers.append(nn.Dropout(ps[0]))
            for i in range(len(widths)):
  with: '        for i in range(len(widths) + 1):'
- replace: |2-
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
                layers.append(nn.ReLU())
  with: |2-
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
                if i < len(widths):
                    layers.append(nn.ReLU())
- replace: |2-
                if ps[i + 1] != 0:
                    layers.append(nn.Dropout(ps[i + 1]))
            layers.append(nn.Linear(sizes[-2], n_out))
  with: |2-
                if ps[i] != 0:
                    layers.append(nn.Dropout(ps[i]))
"""
