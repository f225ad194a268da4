"""
what: puts the widths into one list, the caller's; numbers of numpy
lesson: 05-create-head
loses: []
"""

# %% n_head_params
import numpy as np


def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    sizes = [512] if lin_ftrs is None else lin_ftrs
    sizes.insert(0, 2 * nf if pool and concat_pool else nf)
    sizes.append(n_out)
    a = np.array(sizes)
    return (a[:-1] * (2 + a[1:])).sum()
