"""
what: removes the last two dimensions only when they have length one
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: '        return x.squeeze(-1).squeeze(-1)'
"""
