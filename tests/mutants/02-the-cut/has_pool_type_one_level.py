"""
what: looks one level deep
lesson: 02-the-cut
loses: [test_has_pool_type]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    parts = [m, *m.children()]
    return any(type(part).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")) for part in parts)
