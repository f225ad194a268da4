"""
what: leaves out Identity, which computes nothing
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""


# %% leaf_layers
def leaf_layers(model):
    return [
        m
        for _, m in model.named_modules(remove_duplicate=False)
        if not m._modules and not isinstance(m, nn.Identity)
    ]
