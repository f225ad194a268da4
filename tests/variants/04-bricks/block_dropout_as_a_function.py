"""
what: dropout as function, own forward, ModuleDict
lesson: 04-bricks
loses: []
"""


# %% lin_bn_drop
class _Block(nn.Sequential):
    def __init__(self, n_in, n_out, bn, p, act, lin_first):
        super().__init__()
        self.parts = nn.ModuleDict({"lin": nn.Linear(n_in, n_out, not bn)})
        if bn:
            self.parts["bn"] = nn.BatchNorm1d(n_out if lin_first else n_in)
        if act is not None:
            self.parts["act"] = act
        self.p, self.lin_first = p, lin_first

    def forward(self, x):
        def norm(x):
            if "bn" in self.parts:
                x = self.parts["bn"](x)
            return F.dropout(x, self.p, self.training) if self.p else x

        def lin(x):
            x = self.parts["lin"](x)
            return self.parts["act"](x) if "act" in self.parts else x

        return norm(lin(x)) if self.lin_first else lin(norm(x))


def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    return _Block(n_in, n_out, bn, p, act, lin_first)
