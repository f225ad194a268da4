"""
what: a 3 x 3 convolution without padding, which a 1 x 1 map is too small for
lesson: 09-capstone
loses: [test_my_head]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 10, 3, bias=False),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(20, n_out),
    )
