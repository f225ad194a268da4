"""
what: "every parameter whose name ends in weight"
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
    for layer in m.modules():
        if isinstance(layer, norms):
            continue
        mine = dict(layer.named_parameters(recurse=False))
        if "weight" in mine and not mine["weight"].requires_grad:
            continue
        for name, p in mine.items():
            if name.endswith("weight"):
                func(p)
            elif name.endswith("bias"):
                nn.init.zeros_(p)
