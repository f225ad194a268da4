"""
what: fastai's params on new Sequentials
lesson: 07-split-freeze-train
"""

# %% split_params
from fastai.torch_core import params


def split_params(model, at=None):
    children = list(model[0])
    parts = [children] if at is None else [children[:at], children[at:]]
    return [params(nn.Sequential(*part)) for part in parts] + [params(model[1])]
