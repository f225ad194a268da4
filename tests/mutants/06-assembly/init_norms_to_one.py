"""
what: "sets normalisation layers to weight 1 and bias 0 instead of leaving them alone"
lesson: 06-assembly
loses: [test_apply_init_spares]
"""

# %% apply_init
NORMS = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
    nn.InstanceNorm1d,
    nn.InstanceNorm2d,
    nn.InstanceNorm3d,
    nn.LayerNorm,
)


def apply_init(m, func=nn.init.kaiming_normal_):
    for layer in m.modules():
        w = getattr(layer, "weight", None)
        if w is None or not w.requires_grad:
            continue
        if isinstance(layer, NORMS):
            nn.init.ones_(w)
        else:
            func(w)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
