"""
what: ReLU in place, biases taken out afterwards
lesson: 05-create-head
loses: []
"""

# %% create_head
import functools


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
    hidden_widths = (512,) if lin_ftrs is None else tuple(lin_ftrs)
    drops = tuple(ps) if hasattr(ps, "__len__") else (ps,)
    if len(drops) == 1:
        drops = (drops[0] / 2,) * len(hidden_widths) + drops
    sizes = (nf * (1 + bool(pool and concat_pool)), *hidden_widths, n_out)

    def linear(i, keep_bias):
        layer = nn.Linear(sizes[i], sizes[i + 1])
        if not keep_bias:
            layer.bias = None
        return layer

    def dropout(p):
        return [nn.Dropout(p)] if p else []

    def one(i):
        norm = i > 0 or first_bn
        if lin_first:
            norms = [nn.BatchNorm1d(sizes[i + 1])] if norm else []
            return [linear(i, not norm), nn.ReLU(True), *norms, *dropout(drops[i + 1])]
        norms = [nn.BatchNorm1d(sizes[i])] if norm else []
        relu = [] if i == len(hidden_widths) else [nn.ReLU(True)]
        return [*norms, *dropout(drops[i]), linear(i, not norm), *relu]

    parts = {}
    if pool:
        parts["pool"] = AdaptiveConcatPool2d(1) if concat_pool else nn.AdaptiveAvgPool2d((1, 1))
        parts["flat"] = nn.Flatten(1, 3)
    blocks = [one(i) for i in range(len(hidden_widths) + (not lin_first))]
    if lin_first:
        blocks = [dropout(drops[0]), *blocks, [linear(len(hidden_widths), True)]]
    for n, layer in enumerate(functools.reduce(list.__add__, blocks)):
        parts[f"step_{n}"] = layer
    if bn_final:
        parts["norm"] = nn.BatchNorm1d(n_out, momentum=1e-2)
    if y_range:
        parts["range"] = SigmoidRange(*y_range)
    head = nn.Sequential()
    for name, part in parts.items():
        head.add_module(name, part)
    return head
