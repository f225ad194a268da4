"""
what: forgets to return
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: '        x.flatten(1)'
"""
