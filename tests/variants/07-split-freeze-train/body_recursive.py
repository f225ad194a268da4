"""
what: a recursive function
lesson: 07-split-freeze-train
"""


# %% freeze_body
def set_all(layer, train_bn):
    if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
        layer.requires_grad_(train_bn)
        return
    for p in layer._parameters.values():
        if p is not None:
            p.requires_grad_(False)
    for child in layer.children():
        set_all(child, train_bn)


def freeze_body(model, train_bn=True):
    set_all(model[0], train_bn)
    model[1].requires_grad_(True)
