"""
what: finds BatchNorm among the children only
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    body, head = model
    body.requires_grad_(False)
    head.requires_grad_(True)
    if train_bn:
        for layer in body.children():
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
                layer.requires_grad_(True)
