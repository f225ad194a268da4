"""
what: of the head, only BatchNorm is trainable
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model.requires_grad_(False)
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)) and (
            train_bn or layer in list(model[1])
        ):
            layer.requires_grad_(True)
