"""
what: a layer that forward never calls
lesson: 09-capstone
loses: [test_my_head_gradients]
base: own_forward
edits:
- replace: '        self.last = nn.Linear(20, n_out)'
  with: |2-
            self.last = nn.Linear(20, n_out)
            self.extra = nn.Linear(20, 10)
"""
