"""
what: takes the average of each map instead of flattening
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: '        return x.mean((2, 3))'
"""
