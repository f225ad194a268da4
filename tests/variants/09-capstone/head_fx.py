"""
what: "a head that torch.fx has traced"
lesson: 09-capstone
loses: []
"""

# %% my_head
from torch import fx


def my_head(nf, n_out):
    w = 10
    return fx.symbolic_trace(
        nn.Sequential(
            nn.Conv2d(nf, w, 3, padding=1, bias=False),
            nn.BatchNorm2d(w),
            nn.ReLU(),
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
            nn.Linear(w, n_out),
        )
    )
