"""
what: searches pool in any case
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    return any("pool" in type(part).__name__.lower() for part in m.modules())
