"""
what: every weight of a Linear starts at 0
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
base: flat_loop
edits:
- replace: '    return nn.Sequential(*layers)'
  with: |2-
        for layer in layers:
            if isinstance(layer, nn.Linear):
                nn.init.zeros_(layer.weight)
        return nn.Sequential(*layers)
"""
