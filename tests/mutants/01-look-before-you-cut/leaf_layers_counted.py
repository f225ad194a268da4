"""
what: the layers are counted
lesson: 01-look-before-you-cut
loses: [test_leaf_layers, test_leaf_layers_shared]
says: "the layers were counted"
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    everything = model.named_modules(remove_duplicate=False)
    leaves = [module for _, module in everything if not module._modules]
    return len(leaves)
