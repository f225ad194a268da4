"""
what: "thaws the children of the head: one that is a single layer has none"
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model.requires_grad_(False)
    for layer in model[1].children():
        layer.requires_grad_(True)
    for layer in model[0].modules():
        if train_bn and isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.requires_grad_(True)
