"""
what: a tuple instead of a list
lesson: 01-look-before-you-cut
loses: [test_leaf_layers, test_leaf_layers_shared]
says: "a tuple has the layers"
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    everything = model.named_modules(remove_duplicate=False)
    leaves = [module for _, module in everything if not module._modules]
    return tuple(leaves)
