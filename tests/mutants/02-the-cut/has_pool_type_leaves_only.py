"""
what: "asks only layers that have none inside"
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m):
    kids = list(m.children())
    if not kids:
        return type(m).__name__.endswith(("Pool1d", "Pool2d", "Pool3d"))
    return any(map(has_pool_type, kids))
