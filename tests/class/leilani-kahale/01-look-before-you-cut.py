"""
what: a bracket is missing, so the cell is no Python
lesson: 01-look-before-you-cut
damage: [unclose leaf_layers]
loses: [test_leaf_layers, test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model):
    layers = []
    for name, m in model.named_modules(remove_duplicate=False):
        if len(list(m.children())) == 0:
            layers.append(m)
    return layers
