"""
what: writes Dropout(0.25) and Dropout(0.5) and ignores ps
lesson: 05-create-head
loses: [test_create_head_lin_ftrs, test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: '        layers.append(Flatten())'
  with: |2-
            layers.append(Flatten())
        ps = [0.25] * len(widths) + [0.5]
"""
