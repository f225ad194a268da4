"""
what: "two groups, which fits even numbers of features only"
lesson: 09-capstone
loses: [test_my_head, test_my_head_budget, test_my_head_gradients]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 20, 3, padding=1, groups=2, bias=False),
        nn.BatchNorm2d(20),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(40, n_out),
    )
