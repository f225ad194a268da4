"""
what: freezes the head as well
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model.requires_grad_(False)
    if train_bn:
        for layer in model[0].modules():
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
                layer.requires_grad_(True)
