"""
what: "one ReLU object for all heads that are ever made"
lesson: 05-create-head
loses: []
"""

# %% create_head
from functools import partial

BLOCK = partial(LinBnDrop)
RELU = nn.ReLU()  # one object for all heads: it has no weights


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
    hidden_ = [512] if lin_ftrs is None else lin_ftrs
    widths = (nf * 2 if pool and concat_pool else nf, *hidden_)
    drops = tuple(ps) if isinstance(ps, (list, tuple)) else (ps,)
    drops = (drops[0] / 2,) * len(hidden_) + drops if len(drops) == 1 else drops
    first = (
        ((AdaptiveConcatPool2d if concat_pool else partial(nn.AdaptiveAvgPool2d, 1))(), Flatten())
        if pool
        else ()
    )
    if lin_first:
        middle = (
            nn.Dropout(drops[0]),
            *(
                BLOCK(a, b, first_bn if a is widths[0] and i == 0 else True, p, RELU, True)
                for i, (a, b, p) in enumerate(zip(widths, hidden_, drops[1:]))
            ),
            nn.Linear(widths[-1], n_out),
        )
    else:
        middle = (
            *(
                BLOCK(a, b, first_bn if i == 0 else True, p, RELU)
                for i, (a, b, p) in enumerate(zip(widths, hidden_, drops))
            ),
            BLOCK(widths[-1], n_out, first_bn if not hidden_ else True, drops[-1]),
        )
    last = [nn.BatchNorm1d(n_out, momentum=0.01)] * bn_final + (
        [SigmoidRange(*y_range)] if y_range is not None else []
    )
    return nn.Sequential(*first, *middle, *last)
