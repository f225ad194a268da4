"""
what: functional pools, nothing registered
lesson: 04-bricks
loses: []
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.size = size

    def forward(self, x):
        biggest = nn.functional.adaptive_max_pool2d(x, self.size)
        mean = nn.functional.adaptive_avg_pool2d(x, self.size)
        return torch.cat((biggest, mean), -3)
