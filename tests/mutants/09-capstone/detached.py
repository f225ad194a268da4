"""
what: cuts the gradient before the last layer
lesson: 09-capstone
loses: [test_my_head_gradients, test_my_head_beats_probe]
base: own_forward
edits:
- replace: '        return self.last(x)'
  with: '        return self.last(x.detach())'
"""
