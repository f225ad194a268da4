"""
what: asks for the exact class of a normalisation layer
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
        if (
            type(layer) in norms
            or getattr(layer, "weight", None) is None
            or not layer.weight.requires_grad
        ):
            continue
        func(layer.weight)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
