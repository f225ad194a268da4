"""
what: all thawed first, the class name tells what a layer is
lesson: 07-split-freeze-train
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model.requires_grad_(True)
    for layer in model[0].modules():
        if train_bn and type(layer).__name__.startswith("BatchNorm"):
            continue
        for p in layer.parameters(recurse=False):
            p.requires_grad_(False)
    return model
