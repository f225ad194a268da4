"""
what: multiplies by a learned number that begins as one
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.mp = nn.AdaptiveMaxPool2d(size)
        self.ap = nn.AdaptiveAvgPool2d(size)
        self.scale = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return torch.cat([self.scale[0] * self.mp(x), self.scale[1] * self.ap(x)], dim=1)
