"""
what: "Dropout(0) where there is no BatchNorm"
lesson: 04-bricks
loses: [test_lin_bn_drop_options]
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    norm = [nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else []
    drop = [nn.Dropout(p)] if p != 0 or not bn and not lin_first else []
    lin = [nn.Linear(n_in, n_out, bias=not bn)] + ([act] if act is not None else [])
    return nn.Sequential(*lin, *norm, *drop) if lin_first else nn.Sequential(*norm, *drop, *lin)
