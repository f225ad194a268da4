"""
what: leaves the biases as they were
lesson: 06-assembly
loses: [test_apply_init, test_apply_init_spares]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.InstanceNorm2d, nn.LayerNorm)
    for layer in m.modules():
        if hasattr(layer, "weight") and not isinstance(layer, norms) and layer.weight.requires_grad:
            func(layer.weight)
