"""
what: "makes the BatchNorm as wide as the wider side: right as long as a block becomes narrower"
lesson: 04-bricks
loses: [test_lin_bn_drop, test_lin_bn_drop_lin_first]
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    width = min(n_in, n_out) if lin_first else max(n_in, n_out)
    norm_drop = [nn.BatchNorm1d(width)] if bn else []
    if p:
        norm_drop.append(nn.Dropout(p))
    lin_act = [nn.Linear(n_in, n_out, bias=not bn)]
    if act is not None:
        lin_act.append(act)
    return nn.Sequential(*lin_act, *norm_drop) if lin_first else nn.Sequential(*norm_drop, *lin_act)
