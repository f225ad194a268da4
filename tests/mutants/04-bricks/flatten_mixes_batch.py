"""
what: keeps the last dimensions and mixes the pictures
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: '        return x.reshape(-1, x.shape[-1])'
"""
