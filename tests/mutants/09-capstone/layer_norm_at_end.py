"""
what: a LayerNorm behind the last Linear gives the scores of every picture one length
lesson: 09-capstone
loses: [test_my_head]
says: brought to one length
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
        nn.LayerNorm(n_out),
    )
