"""
what: "the last layer begins with zeros, so nothing before it gets a gradient"
lesson: 09-capstone
loses: [test_my_head_gradients]
"""


# %% my_head
def my_head(nf, n_out):
    head = nn.Sequential(
        nn.Conv2d(nf, 10, 3, padding=1, bias=False),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(20, n_out),
    )
    nn.init.zeros_(head[-1].weight)
    nn.init.zeros_(head[-1].bias)
    return head
