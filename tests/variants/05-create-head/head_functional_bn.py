"""
what: "the BatchNorm by F.batch_norm with own Parameters and buffers"
lesson: 05-create-head
loses: []
"""


# %% create_head
class BN(nn.Module):
    def __init__(self, n, momentum=0.1):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(n)), nn.Parameter(torch.zeros(n))
        self.register_buffer("running_mean", torch.zeros(n))
        self.register_buffer("running_var", torch.ones(n))
        self.momentum = momentum

    def forward(self, x):
        return F.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training,
            self.momentum,
            1e-5,
        )


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
    L = [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), nn.Flatten()] * bool(
        pool
    )
    D = lambda p: [nn.Dropout(p)] if p else []
    if lin_first:
        L += D(ps[0])
        for i, (a, b) in enumerate(zip(w, w[1:])):
            bn = first_bn or i > 0
            L += [nn.Linear(a, b, bias=not bn), nn.ReLU()] + [BN(b)] * bn + D(ps[i + 1])
        L += [nn.Linear(w[-1], n_out)]
    else:
        for i, (a, b) in enumerate(zip(w, [*hidden, n_out])):
            bn = first_bn or i > 0
            L += (
                [BN(a)] * bn
                + D(ps[i])
                + [nn.Linear(a, b, bias=not bn)]
                + [nn.ReLU()] * (i < len(hidden))
            )
    L += [BN(n_out, 0.01)] * bn_final + ([SigmoidRange(*y_range)] if y_range else [])
    return nn.Sequential(*L)
