"""
what: a Sequential of Sequentials, one for each block, left nested
lesson: 05-create-head
loses: []
"""


# %% create_head
def block(n_in, n_out, bn, p, act, lin_first):
    norm = [nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else []
    drop = [nn.Dropout(p)] if p > 0 else []
    linear = nn.Sequential(nn.Linear(n_in, n_out, bias=not bn), *([nn.ReLU()] if act else []))
    return nn.Sequential(linear, *norm, *drop) if lin_first else nn.Sequential(*norm, *drop, linear)


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
    widths = [512] if lin_ftrs is None else lin_ftrs
    sizes = [nf * (1 + (pool and concat_pool)), *widths, n_out]
    drops = [ps] if not isinstance(ps, list) else ps
    drops = [drops[0] / 2] * len(widths) + drops if len(drops) == 1 else drops
    start = nn.Sequential(
        AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    hidden_layers = nn.Sequential(
        *[
            block(a, b, first_bn or i > 0, drops[i + lin_first], True, lin_first)
            for i, (a, b) in enumerate(zip(sizes[:-2], sizes[1:-1], strict=True))
        ]
    )
    if lin_first:
        last = nn.Linear(sizes[-2], n_out)
        hidden_layers = nn.Sequential(nn.Dropout(drops[0]), hidden_layers)
    else:
        last = block(sizes[-2], n_out, first_bn or bool(widths), drops[-1], False, False)
    end = nn.Sequential()
    if bn_final:
        end.append(nn.BatchNorm1d(n_out, momentum=0.01))
    if y_range is not None:
        end.append(SigmoidRange(low=y_range[0], high=y_range[1]))
    return nn.Sequential(*([start] if pool else []), hidden_layers, last, end)
