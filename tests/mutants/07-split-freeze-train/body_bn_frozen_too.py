"""
what: train_bn is ignored, all is frozen
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model[0].requires_grad_(False)
    model[1].requires_grad_(True)
