"""
what: recursion over _modules
lesson: 01-look-before-you-cut
loses: []
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    inside = model._modules.values()
    if not inside:
        return [model]
    return sum((leaf_layers(part) for part in inside), [])
