"""
what: opens a box only once, however often it stands in the model
lesson: 01-look-before-you-cut
loses: [test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model, opened=None):
    opened = set() if opened is None else opened
    if not model._modules:
        return [model]
    if id(model) in opened:
        return []
    opened.add(id(model))
    return [leaf for part in model._modules.values() for leaf in leaf_layers(part, opened)]
