"""
what: adds up block by block
lesson: 05-create-head
loses: []
"""


# %% n_head_params
def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    width = nf
    if pool and concat_pool:
        width *= 2
    total = 0
    for out in ([512] if lin_ftrs is None else lin_ftrs) + [n_out]:
        batchnorm, linear = 2 * width, width * out
        total += batchnorm + linear
        width = out
    return total
