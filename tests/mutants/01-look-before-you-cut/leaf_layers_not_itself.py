"""
what: a single layer has no leaves
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    layers = []
    for part in model._modules.values():
        layers += leaf_layers(part) if part._modules else [part]
    return layers
