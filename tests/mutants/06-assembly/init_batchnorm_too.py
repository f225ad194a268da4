"""
what: does not spare normalisation layers
lesson: 06-assembly
loses: [test_apply_init_spares]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    for layer in m.modules():
        if hasattr(layer, "weight") and layer.weight.requires_grad:
            if layer.weight.ndim > 1:
                func(layer.weight)
            else:
                nn.init.zeros_(layer.weight)
            if getattr(layer, "bias", None) is not None:
                nn.init.zeros_(layer.bias)
