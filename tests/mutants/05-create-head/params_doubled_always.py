"""
what: doubles nf always
lesson: 05-create-head
loses: [test_n_head_params]
"""


# %% n_head_params
def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    widths = [512] if lin_ftrs is None else lin_ftrs
    nf = 2 * nf
    sizes = [nf, *widths, n_out]
    total = 0
    for a, b in zip(sizes[:-1], sizes[1:], strict=True):
        total += 2 * a + a * b
    return total
