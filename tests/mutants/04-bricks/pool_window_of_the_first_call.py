"""
what: the windows are made at the first call and kept
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.size, self.mp, self.ap = size, None, None

    def forward(self, x):
        if self.size != 1:
            return torch.cat(
                [F.adaptive_max_pool2d(x, self.size), F.adaptive_avg_pool2d(x, self.size)], 1
            )
        if self.mp is None:
            self.mp, self.ap = nn.MaxPool2d(x.shape[2:]), nn.AvgPool2d(x.shape[2:])
        return torch.cat([self.mp(x), self.ap(x)], dim=1)
