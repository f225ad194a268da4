"""
what: knows 1d and 3d alone, but not inside a box
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    if type(m).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")):
        return True
    return any(type(part).__name__.endswith("Pool2d") for part in m.modules())
