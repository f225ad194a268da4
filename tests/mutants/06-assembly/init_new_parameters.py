"""
what: "puts new parameters in the place of the old ones, which an optimiser may know"
lesson: 06-assembly
loses: [test_apply_init]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm)
    norms += (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
    for layer in m.modules():
        weight = getattr(layer, "weight", None)
        if weight is None or isinstance(layer, norms) or not weight.requires_grad:
            continue
        new = torch.empty_like(weight)
        func(new)
        layer.weight = nn.Parameter(new)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
