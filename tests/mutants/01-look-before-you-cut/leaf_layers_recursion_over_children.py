"""
what: recursion over children(), which skips repeats within a box
lesson: 01-look-before-you-cut
loses: [test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    inside = list(model.children())
    if not inside:
        return [model]
    return [leaf for child in inside for leaf in leaf_layers(child)]
