"""
what: "numpy flatnonzero"
lesson: 02-the-cut
loses: []
"""

# %% find_cut
import numpy as np


def find_cut(model):
    where = np.flatnonzero([fastai_has_pool_type(c) for c in model.children()])
    return where[-1]
