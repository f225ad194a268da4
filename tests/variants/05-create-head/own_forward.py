"""
what: a class with its own forward, functional pool and ReLU, ModuleLists registered by kind
lesson: 05-create-head
loses: []
"""


# %% create_head
class Head(nn.Module):
    def __init__(
        self, sizes, drops, norms, biases, pool, concat_pool, lin_first, bn_final, y_range
    ):
        super().__init__()
        self.linears = nn.ModuleList(
            nn.Linear(a, b, bias=bias)
            for a, b, bias in zip(sizes[:-1], sizes[1:], biases, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(n) if n else nn.Identity() for n in norms)
        self.drops = nn.ModuleList(nn.Dropout(p) if p else nn.Identity() for p in drops)
        self.final = nn.BatchNorm1d(sizes[-1], momentum=0.01) if bn_final else None
        self.pool, self.concat_pool, self.lin_first = pool, concat_pool, lin_first
        self.y_range = y_range

    def forward(self, x):
        if self.pool:
            mean = x.mean((2, 3))
            x = torch.cat([x.amax((2, 3)), mean], 1) if self.concat_pool else mean
        last = len(self.linears) - 1
        if self.lin_first:
            x = self.drops[0](x)
            for i, norm in enumerate(self.norms):
                x = self.drops[i + 1](norm(nn.functional.relu(self.linears[i](x))))
            x = self.linears[last](x)
        else:
            for i, linear in enumerate(self.linears):
                x = linear(self.drops[i](self.norms[i](x)))
                if i < last:
                    x = nn.functional.relu(x)
        if self.final is not None:
            x = self.final(x)
        if self.y_range is not None:
            low, high = self.y_range
            x = torch.sigmoid(x) * (high - low) + low
        return x


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
    drops = list(ps) if isinstance(ps, list) else [ps]
    if len(drops) == 1:
        drops = [drops[0] / 2] * len(widths) + drops
    norms = list(widths) if lin_first else sizes[:-1]
    if not first_bn and norms:
        norms[0] = 0
    biases = [n == 0 for n in norms] + ([True] if lin_first else [])
    return Head(sizes, drops, norms, biases, pool, concat_pool, lin_first, bn_final, y_range)
