"""
what: "returns the list of the pools"
lesson: 02-the-cut
loses: []
"""


# %% has_pool_type
def has_pool_type(m):
    return [x for x in m.modules() if type(x).__name__.endswith(("Pool1d", "Pool2d", "Pool3d"))]
