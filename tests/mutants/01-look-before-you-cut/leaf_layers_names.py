"""
what: returns names instead of layers
lesson: 01-look-before-you-cut
loses: [test_leaf_layers, test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    everything = model.named_modules(remove_duplicate=False)
    return [name for name, m in everything if not m._modules]
