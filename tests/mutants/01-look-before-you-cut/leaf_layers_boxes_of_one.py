"""
what: takes a box with one layer for a layer
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""


# %% leaf_layers
def leaf_layers(model):
    return [
        m for _, m in model.named_modules(remove_duplicate=False) if len(list(m.children())) <= 1
    ]
