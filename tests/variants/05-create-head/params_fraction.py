"""
what: "n_head_params gives numpy.int64"
lesson: 05-create-head
loses: []
"""

# %% n_head_params
import numpy as np


def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    w = np.r_[
        nf * 2 if pool and concat_pool else nf, [512] if lin_ftrs is None else lin_ftrs, n_out
    ].astype(int)
    return w[:-1] @ (w[1:] + 2)
