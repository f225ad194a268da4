"""
what: "widths and dropouts in numpy arrays"
lesson: 05-create-head
loses: []
"""

# %% create_head
import numpy as np


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
    hidden_widths = np.array([512] if lin_ftrs is None else lin_ftrs, dtype=int)
    sizes = np.concatenate([[nf * (2 if pool and concat_pool else 1)], hidden_widths, [n_out]])
    drops = np.atleast_1d(ps).astype(float)
    if len(drops) == 1:
        drops = np.r_[np.full(len(hidden_widths), drops[0] / 2), drops]
    layers = (
        []
        if not pool
        else [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), Flatten()]
    )
    if lin_first:
        layers.append(nn.Dropout(drops[0]))
    for i in range(len(hidden_widths)):
        layers.append(
            LinBnDrop(
                sizes[i],
                sizes[i + 1],
                bn=first_bn or i > 0,
                p=drops[i + lin_first],
                act=nn.ReLU(),
                lin_first=lin_first,
            )
        )
    layers.append(
        nn.Linear(sizes[-2], n_out)
        if lin_first
        else LinBnDrop(sizes[-2], n_out, bn=first_bn or len(hidden_widths) > 0, p=drops[-1])
    )
    if bn_final:
        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))
    if y_range is not None:
        layers.append(SigmoidRange(*y_range))
    return nn.Sequential(*layers)
