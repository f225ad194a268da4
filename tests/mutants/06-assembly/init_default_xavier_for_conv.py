"""
what: "default func only for Linears; convolutions keep theirs"
lesson: 06-assembly
loses: [test_apply_init]
"""


# %% apply_init
def apply_init(m, func=None):
    norms = tuple(getattr(nn, f"{k}Norm{d}d") for k in ("Batch", "Instance") for d in (1, 2, 3)) + (
        nn.LayerNorm,
    )
    for l in m.modules():
        w = getattr(l, "weight", None)
        if w is None or isinstance(l, norms) or not w.requires_grad:
            continue
        (func or (nn.init.kaiming_normal_ if w.dim() == 2 else nn.init.xavier_uniform_))(w)
        if getattr(l, "bias", None) is not None:
            nn.init.zeros_(l.bias)
