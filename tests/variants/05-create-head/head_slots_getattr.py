"""
what: "own module with __getattr__, ParameterList, F.linear"
lesson: 05-create-head
loses: []
"""


# %% create_head
class Kopf(nn.Module):
    """Ein Kopf, dessen Schichten Funktionen sind."""

    def __init__(self, widths, ps, first_bn, pool, concat, bn_final, lin_first, y_range):
        super().__init__()
        self.opts = dict(
            ps=ps,
            first_bn=first_bn,
            pool=pool,
            concat=concat,
            bn_final=bn_final,
            lin_first=lin_first,
            y_range=y_range,
        )
        k = len(widths) - 2
        self.lins, self.norms = nn.ModuleList(), nn.ModuleDict()
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            has_bn = (first_bn or i > 0) and not (lin_first and i == k)
            self.lins.append(nn.Linear(a, b, bias=not has_bn))
            if has_bn:
                self.norms[f"n{i}"] = nn.BatchNorm1d(b if lin_first else a)
        self.final = nn.BatchNorm1d(widths[-1], momentum=0.01) if bn_final else None

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name != "opts" and name in self.__dict__.get("opts", {}):
                return self.opts[name]
            raise

    def forward(self, x):
        if self.pool:
            x = (
                torch.cat([x.amax((-2, -1)), x.mean((-2, -1))], 1)
                if self.concat
                else x.mean((-2, -1))
            )
        k = len(self.lins) - 1
        drop = lambda x, p: F.dropout(x, p, training=self.training) if p else x
        if self.lin_first:
            x = drop(x, self.ps[0])
        for i, lin in enumerate(self.lins):
            key = f"n{i}"
            if self.lin_first:
                x = lin(x)
                if i < k:
                    x = F.relu(x)
                    x = self.norms[key](x) if key in self.norms else x
                    x = drop(x, self.ps[i + 1])
            else:
                x = self.norms[key](x) if key in self.norms else x
                x = lin(drop(x, self.ps[i]))
                if i < k:
                    x = x.relu()
        if self.final is not None:
            x = self.final(x)
        if self.y_range is not None:
            lo, hi = self.y_range
            x = lo + (hi - lo) * x.sigmoid()
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
    widths = [
        nf * (2 if pool and concat_pool else 1),
        *([512] if lin_ftrs is None else lin_ftrs),
        n_out,
    ]
    ps = [ps] if not isinstance(ps, (list, tuple)) else list(ps)
    if len(ps) == 1:
        ps = [ps[0] / 2] * (len(widths) - 2) + ps
    return Kopf(widths, ps, first_bn, pool, concat_pool, bn_final, lin_first, y_range)
