"""
what: opens boxes once, not boxes in boxes
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    layers = []
    for child in model._modules.values():
        inside = list(child._modules.values())
        layers += inside if inside else [child]
    return layers
