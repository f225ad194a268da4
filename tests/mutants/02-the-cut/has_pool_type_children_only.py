"""
what: looks inside only, not at the module itself
lesson: 02-the-cut
loses: [test_has_pool_type, test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    return any(
        type(c).__name__.endswith(("Pool1d", "Pool2d", "Pool3d"))
        for p in m.children()
        for c in p.modules()
    )
