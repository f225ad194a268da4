"""
what: calls everything a pool that has Pool anywhere in its name
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m):
    return any("Pool" in type(part).__name__ for part in m.modules())
