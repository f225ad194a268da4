"""
what: each map its own 3 x 3 filter, then 1 x 1, in a ModuleList
lesson: 09-capstone
"""


# %% my_head
class Head(nn.Module):
    def __init__(self, nf, n_out):
        super().__init__()
        self.steps = nn.ModuleList(
            [
                nn.Conv2d(nf, nf, 3, padding=1, groups=nf, bias=False),
                nn.BatchNorm2d(nf),
                nn.ReLU(),
                nn.Conv2d(nf, 64, 1, bias=False),
                nn.BatchNorm2d(64),
                nn.ReLU(),
            ]
        )
        self.last = nn.Linear(128, n_out)

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        x = torch.cat([F.adaptive_max_pool2d(x, 1), F.adaptive_avg_pool2d(x, 1)], 1)
        return self.last(x.flatten(1))


def my_head(nf, n_out):
    return Head(nf, n_out)
