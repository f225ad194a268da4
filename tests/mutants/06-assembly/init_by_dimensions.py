"""
what: "takes every weight of one dimension for that of a normalisation layer, and no other"
lesson: 06-assembly
loses: [test_apply_init_spares]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    for layer in m.modules():
        weight = getattr(layer, "weight", None)
        if weight is None or weight.ndim < 2 or not weight.requires_grad:
            continue
        func(weight)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
