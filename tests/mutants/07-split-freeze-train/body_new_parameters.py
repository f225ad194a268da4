"""
what: "every parameter is replaced by a new one"
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    for part, of_body in ((model[0], True), (model[1], False)):
        for m in part.modules():
            for n, p in list(m.named_parameters(recurse=False)):
                learns = not of_body or (
                    train_bn and isinstance(m, nn.modules.batchnorm._BatchNorm)
                )
                setattr(m, n, nn.Parameter(p.detach().clone(), requires_grad=learns))
