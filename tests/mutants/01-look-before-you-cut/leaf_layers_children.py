"""
what: lists the children, boxes and all
lesson: 01-look-before-you-cut
loses: [test_leaf_layers, test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    return list(model.children())
