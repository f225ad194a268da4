"""
what: reads an empty lin_ftrs as None
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
    k = len(lin_ftrs or [512])
    ps = list(ps) if isinstance(ps, list | tuple) else [ps]
    if len(ps) == 1:
        ps = [ps[0] / 2] * k + ps
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
