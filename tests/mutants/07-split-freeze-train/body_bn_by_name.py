"""
what: looks for bn in the name, so that downsample's is missed
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model[0].requires_grad_(False)
    model[1].requires_grad_(True)
    if train_bn:
        for name, p in model[0].named_parameters():
            if "bn" in name:
                p.requires_grad_(True)
    model[0][1].requires_grad_(train_bn)
