"""
what: nn.Module.apply with an inner function
lesson: 06-assembly
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    def one(layer):
        name = type(layer).__name__
        if "Norm" in name or not hasattr(layer, "weight") or not layer.weight.requires_grad:
            return
        with torch.no_grad():
            func(layer.weight)
            if layer.bias is not None:
                layer.bias.zero_()

    m.apply(one)
