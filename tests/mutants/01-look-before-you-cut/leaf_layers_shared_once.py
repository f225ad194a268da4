"""
what: walks modules(), so a shared layer counts once
lesson: 01-look-before-you-cut
loses: [test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    return [m for m in model.modules() if not list(m.children())]
