"""
what: a convolution, no ReLU, then the average, which is still linear
lesson: 09-capstone
loses: [test_my_head_beats_probe]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 16, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, n_out),
    )
