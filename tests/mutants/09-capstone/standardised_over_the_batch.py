"""
what: standardises by the batch by hand
lesson: 09-capstone
loses: [test_my_head]
base: own_forward
edits:
- replace: '        x = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)'
  with: |2-
            x = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)
            x = (x - x.mean(0)) / (x.std(0) + 1e-3)
"""
