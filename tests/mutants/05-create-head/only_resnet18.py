"""
what: writes 1024 instead of twice nf
lesson: 05-create-head
says: "fits nf=512 only"
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
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
    if pool and concat_pool:
        nf = 1024
    sizes = [nf, *widths, n_out]
    ps = list(ps) if isinstance(ps, list | tuple) else [ps]
    if len(ps) == 1:
        ps = [ps[0] / 2] * len(widths) + ps
    layers = []
    if pool:
        layers.append(AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1))
        layers.append(Flatten())
    if lin_first:
        layers.append(nn.Dropout(ps[0]))
        for i in range(len(widths)):
            bn = first_bn or i > 0
            layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
            layers.append(nn.ReLU())
            if bn:
                layers.append(nn.BatchNorm1d(sizes[i + 1]))
            if ps[i + 1] != 0:
                layers.append(nn.Dropout(ps[i + 1]))
        layers.append(nn.Linear(sizes[-2], n_out))
    else:
        for i in range(len(sizes) - 1):
            bn = first_bn or i > 0
            if bn:
                layers.append(nn.BatchNorm1d(sizes[i]))
            if ps[i] != 0:
                layers.append(nn.Dropout(ps[i]))
            layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
            if i < len(widths):
                layers.append(nn.ReLU())
    if bn_final:
        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))
    if y_range is not None:
        layers.append(SigmoidRange(*y_range))
    return nn.Sequential(*layers)
