"""
what: looks into the last child only
lesson: 02-the-cut
loses: [test_has_pool_type]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    if type(m).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")):
        return True
    children = list(m.children())
    if len(children) == 2 and not list(children[0].children()):
        children = children[-1:] if list(children[-1].children()) else children
    return any(has_pool_type(child) for child in children[-1:]) or any(
        type(child).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")) for child in children
    )
