"""
what: "in eval mode the average alone, twice"
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.size = size

    def forward(self, x):
        first = F.adaptive_max_pool2d if self.training else F.adaptive_avg_pool2d
        return torch.cat([first(x, self.size), F.adaptive_avg_pool2d(x, self.size)], 1)
