"""
what: the number of pooling layers as the answer
lesson: 02-the-cut
loses: []
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    found = [
        part
        for part in m.modules()
        if type(part).__name__[-6:-2] == "Pool" and type(part).__name__[-2:] in ("1d", "2d", "3d")
    ]
    return len(found)
