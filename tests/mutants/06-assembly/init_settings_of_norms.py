"""
what: sets eps and momentum of normalisation layers back
lesson: 06-assembly
loses: [test_apply_init_spares]
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
    for layer in m.modules():
        weight = getattr(layer, "weight", None)
        if isinstance(layer, norms):
            layer.eps = 1e-5
            if hasattr(layer, "momentum"):
                layer.momentum = 0.1
            continue
        if weight is None or not weight.requires_grad:
            continue
        func(weight)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
