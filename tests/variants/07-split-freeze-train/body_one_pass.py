"""
what: one pass over all layers of the body
lesson: 07-split-freeze-train
"""

# %% freeze_body
from torch.nn.modules.batchnorm import _BatchNorm


def freeze_body(model, train_bn=True):
    for layer in model[0].modules():
        for p in layer.parameters(recurse=False):
            p.requires_grad = train_bn and isinstance(layer, _BatchNorm)
    for p in model[1].parameters():
        p.requires_grad = True
