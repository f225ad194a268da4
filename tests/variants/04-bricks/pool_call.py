"""
what: "overrides __call__"
lesson: 04-bricks
loses: []
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.size = size

    def __call__(self, x):
        return torch.cat(
            [F.adaptive_max_pool2d(x, self.size), F.adaptive_avg_pool2d(x, self.size)], 1
        )
