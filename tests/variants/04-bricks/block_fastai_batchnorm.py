"""
what: fastai's BatchNorm
lesson: 04-bricks
loses: []
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    layers = [fastai.layers.BatchNorm(n_out if lin_first else n_in, ndim=1)] if bn else []
    if p != 0:
        layers.append(nn.Dropout(p))
    lin = [nn.Linear(n_in, n_out, bias=not bn)]
    if act is not None:
        lin.append(act)
    layers = lin + layers if lin_first else layers + lin
    return nn.Sequential(*layers)
