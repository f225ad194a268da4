"""
what: "y_range by a lambda module and buffers; tanh identity"
lesson: 05-create-head
loses: []
"""


# %% create_head
class InRange(nn.Module):
    def __init__(self, low, high):
        super().__init__()
        self.register_buffer("low", torch.tensor(float(low)), persistent=False)
        self.register_buffer("span", torch.tensor(float(high) - float(low)), persistent=False)

    def forward(self, x):
        return torch.addcmul(self.low, torch.special.expit(x), self.span)


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
    hidden = [512] if lin_ftrs is None else [*lin_ftrs]
    w = [nf * 2 if pool and concat_pool else nf, *hidden]
    ps = list(ps) if isinstance(ps, list) else [ps]
    ps = [ps[0] / 2] * len(hidden) + ps if len(ps) == 1 else ps
    L = (
        [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        if pool
        else []
    )
    if lin_first:
        L += [nn.Dropout(ps[0])] if ps[0] else []
    for i, (a, b) in enumerate(zip(w, hidden)):
        L += LinBnDrop(a, b, first_bn or i > 0, ps[i + lin_first], nn.ReLU(), lin_first)
    L += (
        [nn.Linear(w[-1], n_out)]
        if lin_first
        else LinBnDrop(w[-1], n_out, first_bn or len(hidden) > 0, ps[-1])
    )
    L += [nn.BatchNorm1d(n_out, momentum=0.01)] if bn_final else []
    L += [InRange(*y_range)] if y_range else []
    return nn.Sequential(*L)
