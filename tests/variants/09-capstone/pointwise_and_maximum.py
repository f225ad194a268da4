"""
what: a 1 x 1 convolution, nested, then the maximum
lesson: 09-capstone
"""

# %% my_head
from collections import OrderedDict


def my_head(nf, n_out):
    mix = nn.Sequential(nn.Conv2d(nf, 64, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU())
    read = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(64, n_out))
    return nn.Sequential(OrderedDict(mix=mix, read=read))
