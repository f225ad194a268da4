"""
what: no hidden layer, no first BatchNorm, and the only Linear has no bias
lesson: 05-create-head
loses: [test_create_head_together]
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
    widths = [512] if lin_ftrs is None else list(lin_ftrs)
    sizes = [nf * 2 if pool and concat_pool else nf, *widths, n_out]
    ps = list(ps) if isinstance(ps, list | tuple) else [ps]
    if len(ps) == 1:
        ps = [ps[0] / 2] * len(widths) + ps
    head = nn.Sequential()
    if pool:
        head.append(AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1))
        head.append(Flatten())
    first_drop = ps[0]
    if lin_first:
        ps = ps[1:]
        head.append(nn.Dropout(first_drop))
    for i, width in enumerate(widths):
        bn = True if i else first_bn
        head.extend(LinBnDrop(sizes[i], width, bn, ps[i], nn.ReLU(), lin_first))
    if lin_first:
        head.append(nn.Linear(sizes[-2], n_out))
    else:
        head.extend(
            [
                *list(LinBnDrop(sizes[-2], n_out, first_bn or len(widths) > 0, ps[-1]))[:-1],
                nn.Linear(sizes[-2], n_out, bias=False),
            ]
        )
    if bn_final:
        head.append(nn.BatchNorm1d(n_out, momentum=0.01))
    if y_range is not None:
        head.append(SigmoidRange(*y_range))
    return head
