"""
what: "functools.cache on an inner function, by identity"
lesson: 01-look-before-you-cut
loses: []
"""

# %% leaf_layers
import functools


@functools.cache
def _leaves(m):
    kids = tuple(m._modules.values())
    return (m,) if not kids else tuple(x for k in kids for x in _leaves(k))


def leaf_layers(model):
    return list(_leaves(model))
