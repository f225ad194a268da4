"""
what: "weight normalisation on the last Linear"
lesson: 09-capstone
loses: []
"""

# %% my_head
from torch.nn.utils.parametrizations import weight_norm


def my_head(nf, n_out):
    w = 10
    return nn.Sequential(
        weight_norm(nn.Conv2d(nf, w, 3, padding=1)),
        nn.BatchNorm2d(w),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(2 * w, n_out),
    )
