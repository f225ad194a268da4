"""
what: a stack instead of recursion
lesson: 01-look-before-you-cut
loses: []
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    stack, layers = [model], []
    while stack:
        m = stack.pop(0)
        inside = [part for part in m._modules.values() if part is not None]
        if inside:
            stack = inside + stack
        else:
            layers.append(m)
    return layers
