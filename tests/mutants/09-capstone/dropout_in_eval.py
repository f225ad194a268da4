"""
what: a functional dropout that never stops
lesson: 09-capstone
loses: [test_my_head]
base: own_forward
edits:
- replace: '        return self.last(x)'
  with: '        return self.last(F.dropout(x, 0.1))'
"""
