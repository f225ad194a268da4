"""
what: "a shared layer counts twice, however often it stands in the model"
lesson: 01-look-before-you-cut
loses: [test_leaf_layers_shared]
"""


# %% leaf_layers
def leaf_layers(model):
    counts, out = {}, []
    for _, m in model.named_modules(remove_duplicate=False):
        if not m._modules:
            counts[id(m)] = counts.get(id(m), 0) + 1
            if counts[id(m)] <= 2:
                out.append(m)
    return out
