"""
what: searches by itself, two levels deep
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model):
    def pools(m):
        return type(m).__name__.endswith(("Pool1d", "Pool2d", "Pool3d"))

    found = [
        i for i, c in enumerate(model.children()) if pools(c) or any(pools(k) for k in c.children())
    ]
    return found[-1]
