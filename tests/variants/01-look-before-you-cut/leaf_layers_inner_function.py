"""
what: a helper that fills a list, on named_modules
lesson: 01-look-before-you-cut
loses: []
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    found = []
    for name, layer in model.named_modules(remove_duplicate=False):
        if len(list(layer.children())) == 0:
            found.append(layer)
    return found
