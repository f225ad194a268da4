"""
what: uses fastai's finished pool
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d, test_AdaptiveConcatPool2d_size]
base: pool_as_fastai_registers
edits:
- replace: |2-
            self.ap = nn.AdaptiveAvgPool2d(size)
            self.mp = nn.AdaptiveMaxPool2d(size)
  with: '        self.pool = fastai.layers.AdaptiveConcatPool2d(size)'
- replace: '        return torch.cat([self.mp(x), self.ap(x)], 1)'
  with: '        return self.pool(x)'
"""
