"""
what: "a softplus at the end: no score is negative, whatever is learned"
lesson: 09-capstone
loses: [test_my_head]
says: all of one sign
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 10, 3, padding=1, bias=False),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(20, n_out),
        nn.Softplus(),
    )
