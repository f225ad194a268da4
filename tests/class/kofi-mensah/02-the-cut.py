"""
what: everything right, with warnings and prints all over stderr
lesson: 02-the-cut
differs: in stock any text on stderr while a test runs is a failure; here it never counts
loses: []
"""


# %% has_pool_type
def has_pool_type(m):
    import sys
    import warnings

    warnings.warn("I am not sure about MaxUnpool")
    print("looking at", type(m).__name__, file=sys.stderr)
    return any(type(part).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")) for part in m.modules())
