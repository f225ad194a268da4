"""
what: "returns copies of the layers in boxes"
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""

# %% leaf_layers
import copy


def leaf_layers(model):
    if not model._modules:
        return [model]
    out = []
    for m in model._modules.values():
        out += leaf_layers(copy.deepcopy(m)) if m._modules else [m]
    return out
