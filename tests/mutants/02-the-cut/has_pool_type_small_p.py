"""
what: "pool with a small p, too, but not unpool"
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m):
    return any(
        (n := type(p).__name__.lower()).endswith(("pool1d", "pool2d", "pool3d"))
        and "unpool" not in n
        for p in m.modules()
    )
