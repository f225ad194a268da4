"""
what: returns a text, which counts as True whatever it says
lesson: 02-the-cut
loses: [test_has_pool_type, test_has_pool_type_names]
says: "counts as True, whatever it says"
"""


# %% has_pool_type
def has_pool_type(m):
    return str(
        any(type(part).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")) for part in m.modules())
    )
