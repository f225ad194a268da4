"""
what: "maps larger than 10 are cut"
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.size = size

    def forward(self, x):
        x = x[..., :10, :10]
        return torch.cat(
            [F.adaptive_max_pool2d(x, self.size), F.adaptive_avg_pool2d(x, self.size)], 1
        )
