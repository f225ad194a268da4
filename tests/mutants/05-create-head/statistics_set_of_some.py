"""
what: with lin_first and without a pool the statistics of BatchNorm are set
lesson: 05-create-head
loses: [test_create_head_together]
base: flat_loop
edits:
- replace: '    return nn.Sequential(*layers)'
  with: |2-
        if lin_first and not pool:
            for m in layers:
                if isinstance(m, nn.BatchNorm1d):
                    m.running_mean.fill_(3)
        return nn.Sequential(*layers)
"""
