"""
what: "keeps an answer for every class, own boxes too"
lesson: 02-the-cut
loses: [test_has_pool_type]
"""

# %% has_pool_type
KNOWN = {}


def has_pool_type(m):
    n = type(m).__name__
    if isinstance(m, nn.Sequential):
        return any(has_pool_type(c) for c in m)
    if n not in KNOWN:
        KNOWN[n] = n.endswith(("Pool1d", "Pool2d", "Pool3d")) or any(
            has_pool_type(c) for c in m.children()
        )
    return KNOWN[n]
