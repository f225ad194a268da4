"""
what: pools with a window of 7, not adaptively
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d, test_AdaptiveConcatPool2d_size]
base: pool_as_fastai_registers
edits:
- replace: |2-
            self.ap = nn.AdaptiveAvgPool2d(size)
            self.mp = nn.AdaptiveMaxPool2d(size)
  with: |2-
            self.mp = nn.MaxPool2d(7)
            self.ap = nn.AvgPool2d(7)
"""
