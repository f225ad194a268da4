"""
what: goes by the names of the base classes, too
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m):
    return any(
        k.__name__.endswith(("Pool1d", "Pool2d", "Pool3d"))
        for p in m.modules()
        for k in type(p).__mro__
    )
