"""
what: "looks into a Sequential, and into no other box"
lesson: 02-the-cut
loses: [test_has_pool_type]
"""


# %% has_pool_type
def has_pool_type(m):
    if type(m).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")):
        return True
    if isinstance(m, nn.Sequential):
        return any(has_pool_type(c) for c in m)
    return False
