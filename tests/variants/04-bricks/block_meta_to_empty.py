"""
what: "on meta, to_empty, then initialised"
lesson: 04-bricks
loses: []
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    with torch.device("meta"):
        lin = nn.Linear(n_in, n_out, bias=not bn)
        norm = nn.BatchNorm1d(n_out if lin_first else n_in) if bn else None
    for m in (lin, norm):
        if m is not None:
            m.to_empty(device="cpu").reset_parameters()
    a, b = [lin, act], [norm, nn.Dropout(p) if p else None]
    layers = a + b if lin_first else b + a
    return nn.Sequential(*[l for l in layers if l is not None])
