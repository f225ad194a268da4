"""
what: "func fills a new tensor, which is copied into the weight"
lesson: 06-assembly
loses: []
"""


# %% apply_init
def _is_norm(m):
    return any(
        "Norm" in c.__name__ and c.__name__ in {"_BatchNorm", "_InstanceNorm", "LayerNorm"}
        for c in type(m).__mro__
    )


def apply_init(m, func=nn.init.kaiming_normal_):
    for name, layer in m.named_modules():
        if _is_norm(layer):
            continue
        try:
            w = layer.weight
        except AttributeError:
            continue
        if w is None or not w.requires_grad:
            continue
        new = torch.empty_like(w)
        func(new)
        with torch.no_grad():
            w.copy_(new)
            if layer.bias is not None:
                layer.bias.mul_(0)
