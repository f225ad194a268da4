"""
what: a convolution ten times too large, its weights a buffer drawn at random
lesson: 09-capstone
loses: [test_my_head_budget, test_my_head_gradients]
"""


# %% my_head
def my_head(nf, n_out):
    first = nn.Conv2d(nf, 100, 3, padding=1, bias=False)
    weight = first.weight.detach().clone()
    del first.weight
    first.register_buffer("weight", weight)
    return nn.Sequential(
        first,
        nn.BatchNorm2d(100),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(200, n_out),
    )
