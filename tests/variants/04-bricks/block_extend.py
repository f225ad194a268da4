"""
what: "Sequential + Sequential"
lesson: 04-bricks
loses: []
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    lin = nn.Sequential(nn.Linear(n_in, n_out, bias=not bn)) + (
        nn.Sequential(act) if act is not None else nn.Sequential()
    )
    nd = nn.Sequential()
    nd.extend([nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else [])
    nd.extend([nn.Dropout(p)] if p > 0 else [])
    return lin + nd if lin_first else nd + lin
