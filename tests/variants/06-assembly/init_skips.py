"""
what: goes on to the next layer at what has no weight, is a norm, or frozen
lesson: 06-assembly
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm)
    norms += (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
    for layer in m.modules():
        if getattr(layer, "weight", None) is None or isinstance(layer, norms):
            continue
        if not layer.weight.requires_grad:
            continue
        func(layer.weight)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
