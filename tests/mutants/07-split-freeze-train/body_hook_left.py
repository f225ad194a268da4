"""
what: "freezing by a hook that also stays on the model"
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    model.requires_grad_(True)
    for m in model[0].modules():
        if not (train_bn and isinstance(m, nn.modules.batchnorm._BatchNorm)):
            for p in m.parameters(recurse=False):
                p.requires_grad_(False)
    model[0].register_forward_hook(lambda m, i, o: o.detach())
