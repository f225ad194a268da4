"""
what: takes the maximum twice
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d, test_AdaptiveConcatPool2d_size]
base: pool_as_fastai_registers
edits:
- replace: |2-
            super().__init__()
            self.ap = nn.AdaptiveAvgPool2d(size)
  with: '        super().__init__()'
- replace: '        self.mp = nn.AdaptiveMaxPool2d(size)'
  with: |2-
            self.mp = nn.AdaptiveMaxPool2d(size)
            self.ap = nn.AdaptiveMaxPool2d(size)
"""
