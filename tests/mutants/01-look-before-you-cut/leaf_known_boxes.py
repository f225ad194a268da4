"""
what: "opens the boxes that it knows by name"
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""


# %% leaf_layers
def leaf_layers(model):
    boxes = "Sequential ModuleList Fire SqueezeNet AdaptiveConcatPool2d".split()
    return [
        m for _, m in model.named_modules(remove_duplicate=False) if type(m).__name__ not in boxes
    ]
