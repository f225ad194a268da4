"""
what: recursion returns the answer of the first child
lesson: 02-the-cut
loses: [test_has_pool_type]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    if type(m).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")):
        return True
    for child in m.children():
        return has_pool_type(child)
    return False
