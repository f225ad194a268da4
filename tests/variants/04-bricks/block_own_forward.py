"""
what: "a Sequential with a forward of its own and parts by name"
lesson: 04-bricks
loses: []
"""


# %% lin_bn_drop
class Block(nn.Sequential):
    def __init__(self, n_in, n_out, bn, p, act, lin_first):
        super().__init__()
        self.lin_first = lin_first
        self.norm = nn.BatchNorm1d(n_out if lin_first else n_in) if bn else nn.Identity()
        if p:
            self.drop = nn.Dropout(p)
        self.lin = nn.Linear(n_in, n_out, bias=not bn)
        self.act = nn.Identity() if act is None else act

    def forward(self, x):
        nd = lambda x: self.drop(self.norm(x)) if hasattr(self, "drop") else self.norm(x)
        la = lambda x: self.act(self.lin(x))
        return nd(la(x)) if self.lin_first else la(nd(x))


def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    return Block(n_in, n_out, bn, p, act, lin_first)
