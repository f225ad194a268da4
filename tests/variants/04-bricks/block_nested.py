"""
what: two pairs nested in a Sequential, Identity where nothing is to be done, fastai's BatchNorm
lesson: 04-bricks
loses: []
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    norm = fastai.layers.BatchNorm(n_out if lin_first else n_in, ndim=1) if bn else nn.Identity()
    first = nn.Sequential(norm, nn.Dropout(p) if p != 0 else nn.Identity())
    second = nn.Sequential(nn.Linear(n_in, n_out, bias=not bn), act or nn.Identity())
    return nn.Sequential(second, first) if lin_first else nn.Sequential(first, second)
