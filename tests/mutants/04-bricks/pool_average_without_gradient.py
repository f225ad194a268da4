"""
what: the average is made without a gradient
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d, test_AdaptiveConcatPool2d_size]
base: pool_own_names
edits:
- replace: 'return torch.cat([pool(x) for pool in self.both], dim=1)'
  with: |-
    with torch.no_grad():
                average = self.both[1](x)
            return torch.cat([self.both[0](x), average], dim=1)
"""
