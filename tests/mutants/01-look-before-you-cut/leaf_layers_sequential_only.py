"""
what: takes only nn.Sequential for a box
lesson: 01-look-before-you-cut
says: "a box need not be a Sequential"
loses: [test_leaf_layers, test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    if isinstance(model, nn.Sequential):
        return [leaf for part in model._modules.values() for leaf in leaf_layers(part)]
    return [model]
