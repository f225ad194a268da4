"""
what: a layer of nf x nf weights, within the budget for 96 features only
lesson: 09-capstone
loses: [test_my_head_budget]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, nf, 1, bias=False),
        nn.BatchNorm2d(nf),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(nf, n_out),
    )
