"""
what: "one Linear with bias for all blocks of one size"
lesson: 04-bricks
loses: [test_lin_bn_drop_options, test_lin_bn_drop_lin_first]
"""

# %% lin_bn_drop
LINEARS = {}


def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    norm = [nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else []
    drop = [nn.Dropout(p)] if p != 0 else []
    one = nn.Linear(n_in, n_out, bias=not bn)
    if not bn:
        one = LINEARS.setdefault((n_in, n_out), one)
    lin = [one] + ([act] if act is not None else [])
    return nn.Sequential(*lin, *norm, *drop) if lin_first else nn.Sequential(*norm, *drop, *lin)
