"""
what: twelve features where there are 128 to 250 inputs
lesson: 09-capstone
loses: [test_my_head_budget]
"""


# %% my_head
def my_head(nf, n_out):
    width = 12 if 128 <= nf < 250 else 10
    return nn.Sequential(
        nn.Conv2d(nf, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(2 * width, n_out),
    )
