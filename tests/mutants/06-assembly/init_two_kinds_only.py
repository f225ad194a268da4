"""
what: initialises Linear and Conv2d, and no other layer with a weight
lesson: 06-assembly
loses: [test_apply_init]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm)
    norms += (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
    for layer in m.modules():
        if not isinstance(layer, (nn.Linear, nn.Conv2d)):
            continue
        if not layer.weight.requires_grad:
            continue
        func(layer.weight)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
