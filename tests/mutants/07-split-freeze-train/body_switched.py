"""
what: train_bn the wrong way round
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model[0].requires_grad_(False)
    model[1].requires_grad_(True)
    if not train_bn:
        for layer in model[0].modules():
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
                layer.requires_grad_(True)
