"""
what: "model.apply with a closure"
lesson: 02-the-cut
loses: []
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    gefunden = False

    def schau(layer):
        nonlocal gefunden
        gefunden |= layer.__class__.__qualname__.split(".")[-1].endswith(
            ("Pool1d", "Pool2d", "Pool3d")
        )

    m.apply(schau)
    return gefunden
