"""
what: knows the 2d layers only
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    return any(type(part).__name__.endswith("Pool2d") for part in m.modules())
