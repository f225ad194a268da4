"""
what: forgets that the concat pool doubles the number of features
lesson: 05-create-head
loses:
  - test_create_head
  - test_create_head_lin_ftrs
  - test_create_head_pool
  - test_create_head_batchnorm
  - test_create_head_lin_first
  - test_create_head_y_range
  - test_create_head_lists
  - test_create_head_together
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
    sizes = [nf, *widths, n_out]
    drops = list(ps) if isinstance(ps, (list, tuple)) else [ps]
    if len(drops) == 1:
        drops = [drops[0] / 2] * len(widths) + drops
    layers = []
    if pool:
        layers += [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), Flatten()]
    if lin_first:
        layers.append(nn.Dropout(drops.pop(0)))
    for i in range(len(widths)):
        bn = first_bn or i > 0
        layers.append(LinBnDrop(sizes[i], sizes[i + 1], bn, drops[i], nn.ReLU(True), lin_first))
    if lin_first:
        layers.append(nn.Linear(sizes[-2], n_out))
    else:
        layers.append(LinBnDrop(sizes[-2], n_out, first_bn or len(widths) > 0, drops[-1]))
    if bn_final:
        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))
    if y_range is not None:
        layers.append(SigmoidRange(*y_range))
    return nn.Sequential(*layers)
