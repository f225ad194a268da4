"""
what: a list ps with the single number 0 counts as one missing Dropout
lesson: 05-create-head
loses: [test_n_head_layers]
"""


# %% n_head_layers
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
    ps = list(ps) if isinstance(ps, list | tuple) else [ps]
    n = 2 if pool else 0
    if lin_first:
        n += 2 + 4 * k - ps[1:].count(0)
        if not first_bn and k > 0:
            n -= 1
    else:
        n += 4 * k + 3 - ps.count(0)
        if not first_bn:
            n -= 1
    if bn_final:
        n += 1
    if y_range is not None:
        n += 1
    return n
