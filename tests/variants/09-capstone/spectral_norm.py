"""
what: "spectral norm on both layers"
lesson: 09-capstone
loses: []
"""

# %% my_head
from torch.nn.utils.parametrizations import spectral_norm


def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 10, 3, padding=1, bias=False),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.BatchNorm1d(20),
        spectral_norm(nn.Linear(20, n_out)),
    )
