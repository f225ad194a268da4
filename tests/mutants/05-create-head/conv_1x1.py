"""
what: "convolutions of size 1 instead of Linear"
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
says: "a 1x1 convolution computes what a Linear does"
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
    drops = [ps] if isinstance(ps, (int, float)) else list(ps)
    if len(drops) == 1:
        drops = [drops[0] / 2] * len(widths) + drops
    layers = []
    if pool:
        layers += [
            AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1),
            nn.Identity(),
        ]
    if lin_first:
        layers.append(nn.Dropout(drops[0]))
    for i in range(len(sizes) - 1):
        last = i == len(sizes) - 2
        if lin_first:
            bn = (first_bn or i > 0) and not last
            layers.append(nn.Conv2d(sizes[i], sizes[i + 1], 1, bias=not bn))
            if not last:
                layers.append(nn.ReLU())
                if bn:
                    layers.append(nn.BatchNorm2d(sizes[i + 1]))
                p = drops[i + 1]
                if p:
                    layers.append(nn.Dropout(p))
        else:
            bn = first_bn or i > 0
            p = drops[i]
            if bn:
                layers.append(nn.BatchNorm2d(sizes[i]))
            if p:
                layers.append(nn.Dropout(p))
            layers.append(nn.Conv2d(sizes[i], sizes[i + 1], 1, bias=not bn))
            if not last:
                layers.append(nn.ReLU())
    if bn_final:
        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))
    if y_range is not None:
        layers.append(SigmoidRange(*y_range))
    return nn.Sequential(*layers, nn.Flatten())
