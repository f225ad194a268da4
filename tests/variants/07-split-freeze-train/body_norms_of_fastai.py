"""
what: "asks for fastai's own list of normalisation layers, as its train_bn does"
lesson: 07-split-freeze-train
loses: []
"""

# %% freeze_body
from fastai.torch_core import norm_types


def freeze_body(model, train_bn=True):
    model[0].requires_grad_(False)
    model[1].requires_grad_(True)
    if train_bn:
        model[0].apply(lambda m: m.requires_grad_(True) if isinstance(m, norm_types) else None)
