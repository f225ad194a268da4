"""
what: a box with one layer is left out
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""


# %% leaf_layers
def leaf_layers(model):
    inside = list(model._modules.values())
    if not inside:
        return [model]
    if len(inside) == 1:
        return []
    return [leaf for child in inside for leaf in leaf_layers(child)]
