"""
what: "counts with numpy and returns its number"
lesson: 05-create-head
loses: []
"""

# %% n_head_layers
import numpy as np


def n_head_layers(
    lin_ftrs=None,
    ps=0.5,
    pool=True,
    concat_pool=True,
    first_bn=True,
    bn_final=False,
    lin_first=False,
    y_range=None,
):
    k = 1 if lin_ftrs is None else len(lin_ftrs)
    ps = np.atleast_1d(np.asarray(ps, dtype=float))
    if ps.size == 1:
        ps = np.repeat(ps, k + 1)
    n = 2 * pool + (k + 1) + k
    n += bool(bn_final) + (y_range is not None)
    if lin_first:
        n += (k and k - (not first_bn)) + 1 + np.count_nonzero(ps[1:])
    else:
        n += k + 1 - (not first_bn) + np.count_nonzero(ps)
    return n
