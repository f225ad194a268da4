"""
what: takes four dimensions for granted
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_flatten
edits:
- replace: '        return torch.flatten(x, start_dim=1)'
  with: |2-
            n, c, h, w = x.shape
            return x.reshape(n, c * h * w)
"""
