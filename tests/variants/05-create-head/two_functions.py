"""
what: one function for each order, options passed on
lesson: 05-create-head
loses: []
"""


# %% create_head
def blocks(sizes, ps, first_bn):
    for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        yield from LinBnDrop(a, b, bn=bool(first_bn or i), p=ps[i])
        if i < len(sizes) - 2:
            yield nn.ReLU()


def blocks_lin_first(sizes, ps, first_bn):
    yield nn.Dropout(ps[0])
    for i, (a, b) in enumerate(zip(sizes[:-2], sizes[1:-1], strict=True)):
        yield LinBnDrop(a, b, bool(first_bn or i), ps[i + 1], nn.ReLU(inplace=True), True)
    yield nn.Linear(sizes[-2], sizes[-1])


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
    if lin_ftrs is None:
        lin_ftrs = [512]
    k = len(lin_ftrs)
    match ps:
        case [p] | float(p) | int(p):
            ps = [p / 2] * k + [p]
    sizes = [(2 if pool and concat_pool else 1) * nf] + lin_ftrs + [n_out]
    layers = []
    if pool and concat_pool:
        layers = [AdaptiveConcatPool2d(1), Flatten()]
    elif pool:
        layers = [nn.AdaptiveAvgPool2d(1), Flatten()]
    layers += (blocks_lin_first if lin_first else blocks)(sizes, ps, first_bn)
    if bn_final:
        layers += [nn.BatchNorm1d(n_out, momentum=0.01)]
    return (
        nn.Sequential(*layers)
        if y_range is None
        else nn.Sequential(*layers, SigmoidRange(*y_range))
    )
