"""
what: prints and returns nothing
lesson: 01-look-before-you-cut
loses: [test_leaf_layers, test_leaf_layers_shared]
says: "a function without return"
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    for _, m in model.named_modules(remove_duplicate=False):
        if not m._modules:
            print(m)
