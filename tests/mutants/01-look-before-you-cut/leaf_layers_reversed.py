"""
what: collects from the end
lesson: 01-look-before-you-cut
loses: [test_leaf_layers, test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    stack, layers = [model], []
    while stack:
        m = stack.pop()
        inside = list(m._modules.values())
        stack += inside
        if not inside:
            layers.append(m)
    return layers
