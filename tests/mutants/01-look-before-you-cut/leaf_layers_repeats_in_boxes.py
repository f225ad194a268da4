"""
what: "skips repeats inside of a box"
lesson: 01-look-before-you-cut
loses: [test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model):
    out = []
    for m in model._modules.values():
        if m._modules:
            out += [x for _, x in m.named_modules(remove_duplicate=True) if not x._modules]
        else:
            out.append(m)
    return out or [model]
