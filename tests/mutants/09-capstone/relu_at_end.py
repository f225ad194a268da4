"""
what: averages, one Linear, and a ReLU behind it
lesson: 09-capstone
loses: [test_my_head, test_my_head_beats_probe]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.BatchNorm1d(nf),
        nn.Linear(nf, n_out),
        nn.ReLU(),
    )
