"""
what: takes over the 512 hidden features of the default head
lesson: 09-capstone
loses: [test_my_head_budget]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 512, 1, bias=False),
        nn.BatchNorm2d(512),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(512, n_out),
    )
