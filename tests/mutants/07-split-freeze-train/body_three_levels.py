"""
what: "three loops inside one another, and no deeper"
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""

# %% freeze_body
BN = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def freeze_body(model, train_bn=True):
    model[0].requires_grad_(False)
    model[1].requires_grad_(True)
    if train_bn:
        for a in model[0].children():
            if isinstance(a, BN):
                a.requires_grad_(True)
            for b in a.children():
                if isinstance(b, BN):
                    b.requires_grad_(True)
                for c in b.children():
                    if isinstance(c, BN):
                        c.requires_grad_(True)
