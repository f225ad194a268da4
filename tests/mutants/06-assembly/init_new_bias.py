"""
what: "a new bias is put in its place"
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
        func(w)
        if getattr(l, "bias", None) is not None:
            l.bias = nn.Parameter(torch.zeros_like(l.bias), requires_grad=l.bias.requires_grad)
