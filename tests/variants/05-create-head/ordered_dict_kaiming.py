"""
what: an OrderedDict with names, partial, kaiming weights and typed
lesson: 05-create-head
loses: []
"""

# %% create_head
from collections import OrderedDict
from functools import partial
import warnings


def create_head(
    nf: int,
    n_out: int,
    lin_ftrs: list[int] | None = None,
    ps: float | list[float] = 0.5,
    pool: bool = True,
    concat_pool: bool = True,
    first_bn: bool = True,
    bn_final: bool = False,
    lin_first: bool = False,
    y_range: tuple[float, float] | None = None,
) -> nn.Sequential:
    warnings.warn("a head is made")
    widths = [512] if lin_ftrs is None else list(lin_ftrs)
    sizes = (nf * 2 if pool and concat_pool else nf, *widths, n_out)
    drops = tuple(ps) if isinstance(ps, (list, tuple)) else (ps,)
    drops = drops if len(drops) > 1 else (drops[0] / 2,) * len(widths) + drops
    relu = partial(nn.ReLU, inplace=True)
    parts = OrderedDict()
    if pool:
        parts["pool"] = AdaptiveConcatPool2d(1) if concat_pool else nn.AdaptiveAvgPool2d(1)
        parts["flat"] = Flatten()
    if lin_first and drops[0]:
        parts["drop"] = nn.Dropout(drops[0])
    pairs = list(zip(sizes[:-1], sizes[1:]))
    for i, (a, b) in enumerate(pairs):
        last = i == len(pairs) - 1
        bn = (first_bn or i > 0) and not (lin_first and last)
        lin = nn.Linear(a, b, bias=not bn)
        nn.init.kaiming_normal_(lin.weight)
        block = OrderedDict()
        if not lin_first:
            if bn:
                block["bn"] = nn.BatchNorm1d(a)
            if drops[i]:
                block["drop"] = nn.Dropout(drops[i])
        block["lin"] = lin
        if not last:
            block["relu"] = relu()
        if lin_first and not last:
            if bn:
                block["bn"] = nn.BatchNorm1d(b)
            if drops[i + 1]:
                block["drop"] = nn.Dropout(drops[i + 1])
        parts[f"block{i}"] = nn.Sequential(block)
    if bn_final:
        parts["final"] = nn.BatchNorm1d(n_out, momentum=0.01)
    if y_range is not None:
        parts["range"] = SigmoidRange(*y_range)
    return nn.Sequential(parts)
