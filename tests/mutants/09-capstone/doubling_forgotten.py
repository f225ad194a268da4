"""
what: forgets that the concat pool doubles
lesson: 09-capstone
loses: [test_my_head, test_my_head_gradients, test_my_head_beats_probe]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 10, 3, padding=1, bias=False),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(10, n_out),
    )
