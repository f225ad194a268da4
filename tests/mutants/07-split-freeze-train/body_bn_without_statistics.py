"""
what: misses a BatchNorm that keeps no statistics
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model[0].requires_grad_(False)
    model[1].requires_grad_(True)
    if train_bn:
        for m in model[0].modules():
            if getattr(m, "running_mean", None) is not None:
                m.requires_grad_(True)
