"""
what: modules() meets a shared layer only once
lesson: 01-look-before-you-cut
loses: [test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model):
    return [m for m in model.modules() if len(list(m.children())) == 0]
