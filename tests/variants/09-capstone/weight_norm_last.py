"""
what: "weight_norm of the older kind, on the last Linear too"
lesson: 09-capstone
loses: []
"""


# %% my_head
def my_head(nf, n_out):
    head = nn.Sequential(
        torch.nn.utils.weight_norm(nn.Conv2d(nf, 10, 3, padding=1)),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        torch.nn.utils.weight_norm(nn.Linear(20, n_out)),
    )
    return head
