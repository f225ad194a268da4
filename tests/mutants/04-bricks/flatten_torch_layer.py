"""
what: uses PyTorch's finished layer
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: '        return nn.Flatten()(x)'
"""
