"""
what: "functools.reduce and a lambda"
lesson: 01-look-before-you-cut
loses: []
"""

# %% leaf_layers
from functools import reduce

leaf_layers = lambda model: (
    reduce(lambda acc, m: acc + leaf_layers(m), model._modules.values(), [])
    if model._modules
    else [model]
)
