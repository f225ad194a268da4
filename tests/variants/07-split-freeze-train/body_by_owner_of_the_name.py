"""
what: "each parameter by the class of the module that owns it"
lesson: 07-split-freeze-train
loses: []
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    kinds = dict(model.named_modules())
    for name, p in model.named_parameters():
        owner, _, _ = name.rpartition(".")
        norm = type(kinds[owner]).__name__ in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")
        p.requires_grad = name.startswith("1.") or (train_bn and norm)
