"""
what: initialises Linear layers only, not convolutions
lesson: 06-assembly
loses: [test_apply_init, test_apply_init_spares]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    for layer in m.modules():
        if isinstance(layer, nn.Linear) and layer.weight.requires_grad:
            func(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
