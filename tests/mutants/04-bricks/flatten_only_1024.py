"""
what: writes 1024 for the number of features
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: '        return x.reshape(-1, 1024)'
"""
