"""
what: "recursion that stops at a layer with a weight"
lesson: 06-assembly
loses: [test_apply_init]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = (
        nn.BatchNorm1d,
        nn.BatchNorm2d,
        nn.BatchNorm3d,
        nn.InstanceNorm1d,
        nn.InstanceNorm2d,
        nn.InstanceNorm3d,
        nn.LayerNorm,
    )
    w = getattr(m, "weight", None)
    if w is not None:
        if not isinstance(m, norms) and w.requires_grad:
            func(w)
            if getattr(m, "bias", None) is not None:
                nn.init.zeros_(m.bias)
        return
    for child in m.children():
        apply_init(child, func)
