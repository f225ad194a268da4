"""
what: "0.5 whatever func is, unless it is the usual"
lesson: 06-assembly
loses: [test_apply_init]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    norms = tuple(getattr(nn, f"{k}Norm{d}d") for k in ("Batch", "Instance") for d in (1, 2, 3)) + (
        nn.LayerNorm,
    )
    for l in m.modules():
        w = getattr(l, "weight", None)
        if w is None or isinstance(l, norms) or not w.requires_grad:
            continue
        nn.init.constant_(w, 0.5) if func is not nn.init.kaiming_normal_ else func(w)
        if getattr(l, "bias", None) is not None:
            nn.init.zeros_(l.bias)
