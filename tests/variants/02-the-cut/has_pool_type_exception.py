"""
what: "found by an exception"
lesson: 02-the-cut
loses: []
"""


# %% has_pool_type
class _Found(Exception):
    pass


def has_pool_type(m: nn.Module) -> bool:
    def look(layer):
        if layer._get_name()[-6:] in {"Pool1d", "Pool2d", "Pool3d"}:
            raise _Found

    try:
        for layer in m.modules():
            look(layer)
    except _Found:
        return True
    else:
        return False
