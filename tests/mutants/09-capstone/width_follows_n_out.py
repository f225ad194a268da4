"""
what: as many 3 x 3 features as 2 * n_out, affordable for five classes only
lesson: 09-capstone
loses: [test_my_head_budget]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 2 * n_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(2 * n_out),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(4 * n_out, n_out),
    )
