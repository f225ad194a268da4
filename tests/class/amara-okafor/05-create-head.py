"""
what: everything right, nested boxes of fastai's LinBnDrop
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
    widths = [512] if lin_ftrs is None else [*lin_ftrs]
    sizes = [nf * 2 if pool and concat_pool else nf, *widths, n_out]
    drops = [*ps] if isinstance(ps, (list, tuple)) else [ps]
    if len(drops) == 1:
        drops = [drops[0] / 2 for _ in widths] + drops
    start = [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), Flatten()]
    act = nn.ReLU(inplace=True)
    blocks = []
    if lin_first:
        first, *drops = drops
        blocks.append(nn.Dropout(first))
    for i, (n_in, n) in enumerate(zip(sizes[:-2], sizes[1:-1])):
        blocks.append(
            LinBnDrop(n_in, n, bn=first_bn or i > 0, p=drops[i], act=act, lin_first=lin_first)
        )
    if lin_first:
        blocks.append(nn.Linear(sizes[-2], n_out))
    else:
        blocks.append(LinBnDrop(sizes[-2], n_out, bn=first_bn or len(widths) > 0, p=drops[-1]))
    end = []
    if bn_final:
        end.append(nn.BatchNorm1d(n_out, momentum=0.01))
    if y_range is not None:
        end.append(SigmoidRange(*y_range))
    return nn.Sequential(
        nn.Sequential(*start) if pool else nn.Identity(), nn.Sequential(*blocks), *end
    )
