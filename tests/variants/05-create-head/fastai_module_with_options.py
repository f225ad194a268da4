"""
what: a head with a forward of its own and fastai's blocks, options kept with store_attr
lesson: 05-create-head
loses: []
"""

# %% create_head
from fastai.basics import Module, store_attr


class Head(Module):
    def __init__(
        self, nf, n_out, lin_ftrs, ps, pool, concat_pool, first_bn, bn_final, lin_first, y_range
    ):
        store_attr()
        widths = [512] if lin_ftrs is None else [*lin_ftrs]
        sizes = [nf * (1 + (pool and concat_pool)), *widths, n_out]
        drops = [ps] if isinstance(ps, (int, float)) else [*ps]
        if len(drops) == 1:
            drops = [drops[0] / 2] * len(widths) + drops
        self.pool_layer = AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1)
        self.blocks = nn.ModuleList()
        n = len(sizes) - 1
        if lin_first:
            self.first = nn.Dropout(drops[0])
            for i in range(n - 1):
                self.blocks.append(
                    LinBnDrop(
                        sizes[i], sizes[i + 1], first_bn or i > 0, drops[i + 1], nn.ReLU(), True
                    )
                )
            self.blocks.append(nn.Linear(sizes[-2], n_out))
        else:
            self.first = nn.Identity()
            for i in range(n):
                self.blocks.append(
                    LinBnDrop(
                        sizes[i],
                        sizes[i + 1],
                        first_bn or i > 0,
                        drops[i],
                        None if i == n - 1 else nn.ReLU(),
                    )
                )
        self.final = nn.BatchNorm1d(n_out, momentum=0.01) if bn_final else None

    def forward(self, x):
        if self.pool:
            x = self.pool_layer(x).flatten(1)
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
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
    return Head(nf, n_out, lin_ftrs, ps, pool, concat_pool, first_bn, bn_final, lin_first, y_range)
