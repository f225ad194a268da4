"""
what: "fastai's Module and store_attr: no super().__init__()"
lesson: 08-many-heads
loses: []
"""

# %% TwoHeadedModel
from fastai.layers import Module
from fastcore.basics import store_attr


class TwoHeadedModel(Module):
    def __init__(self, body, nf, n_a, n_b):
        store_attr()
        self.heads = nn.ModuleList([create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))])

    def forward(self, x):
        f = self.body(x)
        return tuple(h(f) for h in self.heads)
