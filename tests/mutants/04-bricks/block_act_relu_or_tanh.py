"""
what: "ReLU or Tanh, whatever act is"
lesson: 04-bricks
loses: [test_lin_bn_drop_options]
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    lin = [nn.Linear(n_in, n_out, bias=not bn)] + (
        [nn.ReLU() if isinstance(act, nn.ReLU) else nn.Tanh()] if act is not None else []
    )
    rest = ([nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else []) + (
        [nn.Dropout(p)] if p else []
    )
    return nn.Sequential(*(lin + rest if lin_first else rest + lin))
