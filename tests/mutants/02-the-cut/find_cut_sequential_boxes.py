"""
what: searches by itself, in boxes that are a Sequential
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model):
    def pools(m):
        return (
            type(m).__name__.endswith(("Pool1d", "Pool2d", "Pool3d"))
            or isinstance(m, nn.Sequential)
            and any(map(pools, m))
        )

    found = [i for i, c in enumerate(model.children()) if pools(c)]
    return found[-1]
