"""
what: "only layers with weights are modules; pools, dropout and relu are functions in forward"
lesson: 05-create-head
loses: []
"""


# %% create_head
class Head(nn.Module):
    """Keeps the layers with weights; dropout, relu and pools are functions in forward."""

    def __init__(self, widths, drops, pool, concat_pool, first_bn, bn_final, lin_first, y_range):
        super().__init__()
        n = len(widths) - 1
        has_bn = [first_bn or i > 0 for i in range(n)]
        if lin_first:
            has_bn[-1] = False
        self.lins = nn.ModuleList(
            nn.Linear(a, b, bias=not bn) for a, b, bn in zip(widths, widths[1:], has_bn)
        )
        self.bns = nn.ModuleDict(
            {
                str(i): nn.BatchNorm1d(widths[i + 1] if lin_first else widths[i])
                for i in range(n)
                if has_bn[i]
            }
        )
        self.last = nn.BatchNorm1d(widths[-1], momentum=0.01) if bn_final else None
        self.drops, self.how, self.lin_first, self.y_range = (
            tuple(drops),
            (pool, concat_pool),
            lin_first,
            y_range,
        )

    def drop(self, x, i):
        return F.dropout(x, p=self.drops[i], training=self.training)

    def bn(self, x, i):
        return self.bns[str(i)](x) if str(i) in self.bns else x

    def forward(self, x):
        pool, both = self.how
        if pool:
            avg = F.adaptive_avg_pool2d(x, 1)
            x = torch.cat((F.adaptive_max_pool2d(x, 1), avg), dim=1) if both else avg
            x = x.view(x.size(0), -1)
        n = len(self.lins)
        if self.lin_first:
            x = self.drop(x, 0)
            for i in range(n - 1):
                x = self.drop(self.bn(F.relu(self.lins[i](x)), i), i + 1)
            x = self.lins[-1](x)
        else:
            for i in range(n):
                x = self.lins[i](self.drop(self.bn(x, i), i))
                if i + 1 < n:
                    x = F.relu_(x)
        if self.last is not None:
            x = self.last(x)
        if self.y_range is not None:
            lo, hi = self.y_range
            x = F.sigmoid(x) * (hi - lo) + lo
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
    widths = (
        [nf * (2 if pool and concat_pool else 1)]
        + list([512] if lin_ftrs is None else lin_ftrs)
        + [n_out]
    )
    n = len(widths) - 1
    ps = list(ps) if isinstance(ps, (list, tuple)) else [ps]
    drops = ps if len(ps) > 1 or n == 1 else ps * n
    if len(ps) == 1 and n > 1:
        drops = [p / 2 for p in drops[:-1]] + [drops[-1]]
    assert len(drops) == n, "one dropout for each Linear"
    return Head(widths, drops, pool, concat_pool, first_bn, bn_final, lin_first, y_range)
