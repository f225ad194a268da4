"""
what: other attribute names, the halves kept in a ModuleList
lesson: 04-bricks
loses: []
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.both = nn.ModuleList(
            [nn.AdaptiveMaxPool2d((size, size)), nn.AdaptiveAvgPool2d((size, size))]
        )

    def forward(self, x):
        return torch.cat([pool(x) for pool in self.both], dim=1)
