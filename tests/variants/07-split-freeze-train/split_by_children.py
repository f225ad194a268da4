"""
what: loops over the children, an L of lists as fastai does
lesson: 07-split-freeze-train
"""

# %% split_params
from fastcore.foundation import L


def split_params(model, at=None):
    groups = [[], []] if at is None else [[], [], []]
    for i, child in enumerate(model[0].children()):
        groups[0 if at is None or i < at else 1] += list(child.parameters())
    groups[-1] += [p for p in model[1].parameters()]
    return L(groups)
