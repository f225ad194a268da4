"""
what: freezes the other layers, and BatchNorm only if it was trainable before
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    for layer in model[0].modules():
        bn = isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d))
        for p in layer.parameters(recurse=False):
            if bn and train_bn:
                p.requires_grad_(True)
            if not bn:
                p.requires_grad_(False)
    model[1].requires_grad_(True)
