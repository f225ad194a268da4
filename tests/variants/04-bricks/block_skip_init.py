"""
what: "torch.nn.utils.skip_init then reset"
lesson: 04-bricks
loses: []
"""

# %% lin_bn_drop
from torch.nn.utils import skip_init


def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    lin = skip_init(nn.Linear, n_in, n_out, bias=not bn)
    lin.reset_parameters()
    a = [lin] + [act] * (act is not None)
    b = [nn.BatchNorm1d(n_out if lin_first else n_in)] * bool(bn) + [nn.Dropout(p)] * (p != 0)
    return nn.Sequential(*(a + b if lin_first else b + a))
