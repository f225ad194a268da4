"""
what: does not expect a normalisation layer whose weight is None
lesson: 06-assembly
loses: [test_apply_init_spares]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm)
    norms += (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
    for layer in m.modules():
        if not hasattr(layer, "weight") or not layer.weight.requires_grad:
            continue
        if isinstance(layer, norms):
            continue
        func(layer.weight)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
