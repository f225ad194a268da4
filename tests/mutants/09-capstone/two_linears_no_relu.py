"""
what: two Linears with nothing between them
lesson: 09-capstone
loses: [test_my_head_beats_probe]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(nf, 16),
        nn.Linear(16, n_out),
    )
