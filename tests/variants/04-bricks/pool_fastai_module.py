"""
what: fastai's Module without super, and its layers
lesson: 04-bricks
loses: []
"""

# %% AdaptiveConcatPool2d
from fastai.basics import Module, store_attr


class AdaptiveConcatPool2d(Module):
    def __init__(self, size=1):
        store_attr()
        self.mp, self.ap = nn.AdaptiveMaxPool2d(size), fastai.layers.AdaptiveAvgPool(size)

    def forward(self, x):
        return torch.cat([self.mp(x), self.ap(x)], 1)
