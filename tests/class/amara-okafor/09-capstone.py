"""
what: each map its own 3 x 3 filter, then 1 x 1, then both pools
lesson: 09-capstone
loses: []
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, nf, 3, padding=1, groups=nf, bias=False),
        nn.BatchNorm2d(nf),
        nn.ReLU(),
        nn.Conv2d(nf, 64, 1, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        nn.Flatten(),
        nn.Linear(128, n_out),
    )
