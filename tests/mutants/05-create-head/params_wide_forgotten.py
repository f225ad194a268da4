"""
what: "formula for at most three hidden layers"
lesson: 05-create-head
loses: [test_n_head_params]
"""


# %% n_head_params
def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    w = [
        nf * 2 if pool and concat_pool else nf,
        *([512] if lin_ftrs is None else lin_ftrs[:3]),
        n_out,
    ]
    return sum(a * (2 + b) for a, b in zip(w, w[1:]))
