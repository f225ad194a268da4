"""
what: squeezes, so that a batch of one loses its batch dimension
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: '        return x.squeeze()'
"""
