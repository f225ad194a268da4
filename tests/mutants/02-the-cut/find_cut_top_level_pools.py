"""
what: misses pools inside a box
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    names = [type(child).__name__ for child in model.children()]
    with_pool = [i for i, name in enumerate(names) if name.endswith(("Pool1d", "Pool2d", "Pool3d"))]
    return with_pool[-1]
