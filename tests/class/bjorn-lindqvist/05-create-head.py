"""
what: everything right, an own Module with a forward instead of a Sequential
lesson: 05-create-head
loses: []
"""


# %% create_head
class Head(nn.Module):
    def __init__(self, nf, n_out, widths, drops, pool, concat_pool, first_bn, bn_final, lin_first):
        super().__init__()
        self.pool, self.concat, self.lin_first = pool, concat_pool, lin_first
        sizes = [nf * 2 if pool and concat_pool else nf, *widths, n_out]
        self.drops = nn.ModuleList([nn.Dropout(p) for p in drops if p > 0])
        self.which = [p > 0 for p in drops]
        self.linears, self.norms = nn.ModuleList(), nn.ModuleList()
        for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
            last = i == len(widths)
            norm = first_bn or i > 0
            if lin_first and last:
                norm = False
            self.norms.append(nn.BatchNorm1d(b if lin_first else a) if norm else nn.Identity())
            self.linears.append(nn.Linear(a, b, bias=not norm))
        self.final = nn.BatchNorm1d(n_out, momentum=0.01) if bn_final else nn.Identity()

    def drop(self, i, x):
        if not self.which[i]:
            return x
        return self.drops[sum(self.which[:i])](x)

    def forward(self, x):
        if self.pool:
            largest = nn.functional.adaptive_max_pool2d(x, 1)
            mean = nn.functional.adaptive_avg_pool2d(x, 1)
            x = torch.cat([largest, mean], dim=1) if self.concat else mean
            x = x.flatten(start_dim=1)
        last = len(self.linears) - 1
        if self.lin_first:
            x = self.drop(0, x)
        for i, (linear, norm) in enumerate(zip(self.linears, self.norms)):
            if self.lin_first:
                x = linear(x)
                if i < last:
                    x = self.drop(i + 1, norm(torch.relu(x)))
            else:
                x = linear(self.drop(i, norm(x)))
                if i < last:
                    x = torch.relu(x)
        return self.final(x)


class Squeeze(nn.Module):
    def __init__(self, head, low, high):
        super().__init__()
        self.head, self.low, self.high = head, low, high

    def forward(self, x):
        return self.low + (self.high - self.low) * self.head(x).sigmoid()


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
    drops = [ps] if isinstance(ps, (int, float)) else list(ps)
    if len(drops) == 1:
        drops = [drops[0] / 2] * len(widths) + drops
    head = Head(nf, n_out, widths, drops, pool, concat_pool, first_bn, bn_final, lin_first)
    return head if y_range is None else Squeeze(head, *y_range)
