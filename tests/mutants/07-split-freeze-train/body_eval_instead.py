"""
what: calls eval(), which freezes no parameter
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model[0].eval()
    model[1].train()
