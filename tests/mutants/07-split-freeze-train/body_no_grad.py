"""
what: uses no_grad(), which ends with its block
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    with torch.no_grad():
        for p in model[0].parameters():
            p.requires_grad
