"""
what: a layer whose result is multiplied by zero
lesson: 09-capstone
loses: [test_my_head_gradients]
base: own_forward
edits:
- replace: '        self.last = nn.Linear(20, n_out)'
  with: |2-
            self.last = nn.Linear(20, n_out)
            self.extra = nn.Linear(20, 20)
- replace: '        x = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)'
  with: |2-
            x = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)
            x = x + 0 * self.extra(x)
"""
