"""
what: "LazyLinear and LazyBatchNorm1d inside the block"
lesson: 04-bricks
loses: [test_lin_bn_drop, test_lin_bn_drop_options, test_lin_bn_drop_lin_first]
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    a = ([nn.LazyBatchNorm1d()] if bn else []) + ([nn.Dropout(p)] if p else [])
    b = [nn.LazyLinear(n_out, bias=not bn)] + ([act] if act is not None else [])
    return nn.Sequential(*(b + a if lin_first else a + b))
