"""
what: ignores size
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d_size]
base: pool_as_fastai_registers
edits:
- replace: |2-
            self.ap = nn.AdaptiveAvgPool2d(size)
            self.mp = nn.AdaptiveMaxPool2d(size)
  with: |2-
            self.mp = nn.AdaptiveMaxPool2d(1)
            self.ap = nn.AdaptiveAvgPool2d(1)
"""
