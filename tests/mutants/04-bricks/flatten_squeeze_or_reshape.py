"""
what: squeezes maps of one by one, and reshapes all others
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: '        return x.squeeze() if x.shape[-1] == 1 else x.reshape(x.shape[0], -1)'
"""
