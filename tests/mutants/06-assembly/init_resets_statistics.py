"""
what: "sets the statistics of normalisation layers back"
lesson: 06-assembly
loses: [test_apply_init_spares]
"""

# %% apply_init
NORMS = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
    nn.InstanceNorm1d,
    nn.InstanceNorm2d,
    nn.InstanceNorm3d,
    nn.LayerNorm,
)


def apply_init(m, func=nn.init.kaiming_normal_):
    for layer in m.modules():
        if isinstance(layer, NORMS):
            if hasattr(layer, "reset_running_stats"):
                layer.reset_running_stats()
            continue
        w = getattr(layer, "weight", None)
        if w is None or not w.requires_grad:
            continue
        func(w)
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
