"""
what: "lazy layers that ran once in eval mode before they are returned"
lesson: 05-create-head
loses: []
"""


# %% create_head
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
    hidden = [512] if lin_ftrs is None else [*lin_ftrs]
    ps = list(ps) if isinstance(ps, list) else [ps]
    ps = [ps[0] / 2] * len(hidden) + ps if len(ps) == 1 else ps
    L = (
        [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        if pool
        else []
    )
    D = lambda p: [nn.Dropout(p)] if p else []
    if lin_first:
        L += D(ps[0])
    for i, b in enumerate([*hidden, n_out]):
        last = i == len(hidden)
        bn = (first_bn or i > 0) and not (last and lin_first)
        lin = [nn.LazyLinear(b, bias=not bn)] + ([] if last else [nn.ReLU()])
        norm = [nn.LazyBatchNorm1d()] if bn else []
        L += lin + norm + ([] if last else D(ps[i + 1])) if lin_first else norm + D(ps[i]) + lin
    L += [nn.BatchNorm1d(n_out, momentum=0.01)] if bn_final else []
    L += [SigmoidRange(*y_range)] if y_range else []
    head = nn.Sequential(*L).eval()
    with torch.no_grad():
        head(torch.zeros(2, nf, 2, 2) if pool else torch.zeros(2, nf))
    return head.train()
