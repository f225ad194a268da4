"""
what: takes a layer for frozen only when all of its parameters are
lesson: 06-assembly
loses: [test_apply_init_spares]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm)
    norms += (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
    for layer in m.modules():
        if getattr(layer, "weight", None) is None or isinstance(layer, norms):
            continue
        if not any(p.requires_grad for p in layer.parameters()):
            continue
        func(layer.weight)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
