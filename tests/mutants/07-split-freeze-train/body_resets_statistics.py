"""
what: "resets the statistics of the BatchNorm layers that it thaws"
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model[0].requires_grad_(False)
    model[1].requires_grad_(True)
    if train_bn:
        for a in model[0].modules():
            if isinstance(a, nn.modules.batchnorm._BatchNorm):
                a.requires_grad_(True)
                a.reset_running_stats()
