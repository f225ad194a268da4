"""
what: "looks for norm in the name of the class, so that a GroupNorm is thawed as well"
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model[0].requires_grad_(False)
    model[1].requires_grad_(True)
    for layer in model[0].modules():
        if train_bn and "norm" in type(layer).__name__.lower():
            layer.requires_grad_(True)
