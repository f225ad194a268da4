"""
what: takes the maximum twice
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d, test_AdaptiveConcatPool2d_size]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.mp = nn.AdaptiveMaxPool2d(size)
        self.ap = nn.AdaptiveMaxPool2d(size)

    def forward(self, x):
        return torch.cat([self.mp(x), self.ap(x)], 1)
