"""
what: factors each block as inputs times outputs plus two
lesson: 05-create-head
loses: []
"""


# %% n_head_params
def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    if lin_ftrs is None:
        lin_ftrs = [512]
    sizes = [nf * (2 if concat_pool and pool else 1)] + list(lin_ftrs) + [n_out]
    return sum(a * (b + 2) for a, b in zip(sizes, sizes[1:], strict=False))
