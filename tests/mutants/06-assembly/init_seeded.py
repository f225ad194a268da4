"""
what: sets a seed, so that equal layers begin alike
lesson: 06-assembly
loses: [test_apply_init]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    torch.manual_seed(0)
    norms = (
        nn.BatchNorm1d,
        nn.BatchNorm2d,
        nn.BatchNorm3d,
        nn.InstanceNorm1d,
        nn.InstanceNorm2d,
        nn.InstanceNorm3d,
        nn.LayerNorm,
    )
    for l in m.modules():
        w = getattr(l, "weight", None)
        if w is not None and not isinstance(l, norms) and w.requires_grad:
            func(w)
            if getattr(l, "bias", None) is not None:
                nn.init.zeros_(l.bias)
