"""
what: takes n_in for n_out
lesson: 04-bricks
loses: [test_lin_bn_drop, test_lin_bn_drop_options, test_lin_bn_drop_lin_first]
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    layers = []
    if lin_first:
        layers.append(nn.Linear(n_out, n_in, bias=not bn))
        if act is not None:
            layers.append(act)
        if bn:
            layers.append(nn.BatchNorm1d(n_out))
        if p > 0:
            layers.append(nn.Dropout(p))
    else:
        if bn:
            layers.append(nn.BatchNorm1d(n_in))
        if p > 0:
            layers.append(nn.Dropout(p))
        layers.append(nn.Linear(n_out, n_in, bias=not bn))
        if act is not None:
            layers.append(act)
    return nn.Sequential(*layers)
