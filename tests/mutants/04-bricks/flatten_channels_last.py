"""
what: puts the channels last before it flattens
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: '        return x.movedim(1, -1).flatten(1)'
"""
