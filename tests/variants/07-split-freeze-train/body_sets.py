"""
what: "sets of parameters"
lesson: 07-split-freeze-train
loses: []
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    awake = set(model[1].parameters())
    if train_bn:
        awake |= {
            p
            for m in model[0].modules()
            if m.__class__.__name__.startswith("BatchNorm")
            for p in m.parameters()
        }
    for p in model.parameters():
        p.requires_grad = p in awake
    return model
