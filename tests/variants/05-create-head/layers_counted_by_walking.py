"""
what: walks through the blocks and counts, without a closed formula
lesson: 05-create-head
loses: []
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
    widths = [512] if lin_ftrs is None else lin_ftrs
    drops = [ps] if isinstance(ps, (int, float)) else ps
    if len(drops) == 1:
        drops = [drops[0] / 2 for _ in widths] + [drops[0]]
    n = 2 if pool else 0
    if lin_first:
        n += 1
        for i, p in enumerate(drops[1:]):
            n += 2
            if i > 0 or first_bn:
                n += 1
            if p:
                n += 1
        n += 1
    else:
        for i, p in enumerate(drops):
            n += 1 + (1 if p else 0) + (1 if i or first_bn else 0) + (1 if i < len(widths) else 0)
    n += bn_final
    if y_range is not None:
        n += 1
    return n
