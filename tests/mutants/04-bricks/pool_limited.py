"""
what: "numbers above 255 are cut"
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.size = size

    def forward(self, x):
        x = x.clamp(-255, 255)
        return torch.cat(
            [F.adaptive_max_pool2d(x, self.size), F.adaptive_avg_pool2d(x, self.size)], 1
        )
