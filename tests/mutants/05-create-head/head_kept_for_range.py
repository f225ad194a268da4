"""
what: "one head for all with the same range"
lesson: 05-create-head
loses: [test_create_head_y_range]
"""

# %% create_head
_kept = {}


def create_head(
    nf,
    n_out,
    lin_ftrs=None,
    ps=0.5,
    pool=True,
    concat_pool=True,
    first_bn=True,
    bn_final=False,
    lin_first=False,
    y_range=None,
):
    key = str((nf, n_out, lin_ftrs, ps, pool, concat_pool, first_bn, bn_final, lin_first, y_range))
    if y_range and key in _kept:
        return _kept[key]
    hidden = [512] if lin_ftrs is None else [*lin_ftrs]
    w = [nf * 2 if pool and concat_pool else nf, *hidden]
    ps = list(ps) if isinstance(ps, list) else [ps]
    ps = [ps[0] / 2] * len(hidden) + ps if len(ps) == 1 else ps
    L = (
        [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        if pool
        else []
    )
    if lin_first:
        L += [nn.Dropout(ps[0])] if ps[0] else []
    for i, (a, b) in enumerate(zip(w, hidden)):
        L += LinBnDrop(a, b, first_bn or i > 0, ps[i + lin_first], nn.ReLU(), lin_first)
    L += (
        [nn.Linear(w[-1], n_out)]
        if lin_first
        else LinBnDrop(w[-1], n_out, first_bn or len(hidden) > 0, ps[-1])
    )
    L += [nn.BatchNorm1d(n_out, momentum=0.01)] if bn_final else []
    L += [SigmoidRange(*y_range)] if y_range else []
    _kept[key] = nn.Sequential(*L)
    return _kept[key]
