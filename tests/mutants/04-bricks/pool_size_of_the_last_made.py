"""
what: size is kept on the class, so that a new pool changes all others
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d_size]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        AdaptiveConcatPool2d.size = size

    def forward(self, x):
        return torch.cat(
            [F.adaptive_max_pool2d(x, self.size), F.adaptive_avg_pool2d(x, self.size)], 1
        )
