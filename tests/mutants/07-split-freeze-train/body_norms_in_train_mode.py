"""
what: "thaws BatchNorm in train mode only"
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model[0].requires_grad_(False)
    model[1].requires_grad_(True)
    for layer in model[0].modules():
        if train_bn and layer.training and isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.requires_grad_(True)
