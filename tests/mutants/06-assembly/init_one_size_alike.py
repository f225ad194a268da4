"""
what: "a set of seen weight shapes; later layers of one shape copy the first"
lesson: 06-assembly
loses: [test_apply_init]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = (
        nn.BatchNorm1d,
        nn.BatchNorm2d,
        nn.BatchNorm3d,
        nn.InstanceNorm1d,
        nn.InstanceNorm2d,
        nn.InstanceNorm3d,
        nn.LayerNorm,
    )
    seen = {}
    for layer in m.modules():
        w = getattr(layer, "weight", None)
        if w is None or isinstance(layer, norms) or not w.requires_grad:
            continue
        if w.shape in seen:
            w.data.copy_(seen[w.shape])
        else:
            func(w)
            seen[w.shape] = w.data
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
