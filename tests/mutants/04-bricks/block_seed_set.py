"""
what: a seed is set in the function
lesson: 04-bricks
loses: [test_lin_bn_drop, test_lin_bn_drop_options, test_lin_bn_drop_lin_first]
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    torch.manual_seed(42)
    before = [nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else []
    if p != 0:
        before.append(nn.Dropout(p))
    linear = [nn.Linear(n_in, n_out, bias=not bn)] + ([act] if act is not None else [])
    return nn.Sequential(*linear, *before) if lin_first else nn.Sequential(*before, *linear)
