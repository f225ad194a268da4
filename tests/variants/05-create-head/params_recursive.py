"""
what: "recursion over the hidden layers, by match"
lesson: 05-create-head
loses: []
"""


# %% n_head_params
def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    if pool and concat_pool:
        return n_head_params(2 * nf, n_out, lin_ftrs, False)
    match [512] if lin_ftrs is None else lin_ftrs:
        case []:
            return nf * (n_out + 2)
        case [first, *rest]:
            return nf * (first + 2) + n_head_params(first, n_out, rest, pool=False)
