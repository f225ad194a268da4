"""
what: a bias in the last Linear where it has more outputs than inputs
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs]
base: flat_loop
edits:
- replace: |2-
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
                if i
  with: |2-
                more = sizes[i + 1] > sizes[i] and i == len(widths)
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn or more))
                if i
"""
