"""
what: the same number of entries always, Identity where nothing is to be done
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
    widths = [512] if lin_ftrs is None else list(lin_ftrs)
    sizes = [nf * 2 if pool and concat_pool else nf, *widths, n_out]
    drops = list(ps) if isinstance(ps, list) else [ps]
    drops = [drops[0] / 2] * len(widths) + drops if len(drops) == 1 else drops

    def dropout(p):
        return nn.Dropout(p) if p else nn.Identity()

    pools = [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), Flatten()]
    layers = pools if pool else [nn.Identity(), nn.Identity()]
    layers.append(dropout(drops[0]) if lin_first else nn.Identity())
    for i, (a, b) in enumerate(zip(sizes[:-2], sizes[1:-1], strict=True)):
        bn = first_bn or i > 0
        linear, relu = nn.Linear(a, b, bias=not bn), nn.ReLU(inplace=True)
        if lin_first:
            layers += [
                linear,
                relu,
                nn.BatchNorm1d(b) if bn else nn.Identity(),
                dropout(drops[i + 1]),
            ]
        else:
            layers += [nn.BatchNorm1d(a) if bn else nn.Identity(), dropout(drops[i]), linear, relu]
    if lin_first:
        layers += [nn.Identity(), nn.Identity(), nn.Linear(sizes[-2], n_out)]
    else:
        bn = first_bn or len(widths) > 0
        layers += [nn.BatchNorm1d(sizes[-2]) if bn else nn.Identity(), dropout(drops[-1])]
        layers += [nn.Linear(sizes[-2], n_out, bias=not bn)]
    layers.append(nn.BatchNorm1d(n_out, momentum=0.01) if bn_final else nn.Identity())
    layers.append(nn.Identity() if y_range is None else SigmoidRange(*y_range))
    return nn.Sequential(*layers)
