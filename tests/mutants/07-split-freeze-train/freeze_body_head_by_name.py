"""
what: "head's norm layers are frozen too when train_bn is False"
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    for m in model.modules():
        for p in m.parameters(recurse=False):
            p.requires_grad_(True)
    for m in model[0].modules():
        if isinstance(m, (nn.Conv2d, nn.Linear, nn.GroupNorm)) or (not train_bn):
            for p in m.parameters(recurse=False):
                p.requires_grad_(False)
