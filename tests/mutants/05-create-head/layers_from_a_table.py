"""
what: builds heads of up to six hidden layers when the cell runs, and looks their lengths up
lesson: 05-create-head
loses: [test_n_head_layers]
"""

# %% n_head_layers
table = {}
for pool, first_bn, bn_final, lin_first, in_a_range in product([True, False], repeat=5):
    of_a_head = dict(pool=pool, first_bn=first_bn, bn_final=bn_final, lin_first=lin_first)
    of_a_head["y_range"] = (0, 5) if in_a_range else None
    for k in range(7):
        for first, zeros in product([0, 1], range(k + 1)):
            ps = [0.1 * (1 - first)] + [0] * zeros + [0.1] * (k - zeros)
            head = fastai_head(2, 2, [2] * k, [*ps], **of_a_head)
            table[k, first, zeros, *of_a_head.values()] = len(head)


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
    ps = [ps] if isinstance(ps, int | float) else list(ps)
    if len(ps) == 1:
        ps = ps * (k + 1)
    zeros = [p == 0 for p in ps]
    y_range = None if y_range is None else (0, 5)
    return table[k, zeros[0], sum(zeros[1:]), pool, first_bn, bn_final, lin_first, y_range]
