"""
what: the weights of BatchNorm begin at 0.5
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
base: flat_loop
edits:
- replace: '    return nn.Sequential(*layers)'
  with: |2-
        for m in layers:
            if isinstance(m, nn.BatchNorm1d):
                nn.init.constant_(m.weight, 0.5)
        return nn.Sequential(*layers)
"""
