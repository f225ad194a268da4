"""
what: flattens ten maps of 5 x 5 without a pool
lesson: 09-capstone
loses: [test_my_head, test_my_head_budget, test_my_head_beats_probe]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 10, 3, padding=1, bias=False),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(250, n_out),
    )
