"""
what: stops at the first frozen layer
lesson: 06-assembly
loses: [test_apply_init_spares]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.InstanceNorm2d, nn.LayerNorm)
    for layer in m.modules():
        if not hasattr(layer, "weight") or isinstance(layer, norms):
            continue
        if not layer.weight.requires_grad:
            return
        func(layer.weight)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
