"""
what: everything right, the short way
lesson: 01-look-before-you-cut
loses: []
"""


# %% leaf_layers
def leaf_layers(model):
    return [m for _, m in model.named_modules(remove_duplicate=False) if not list(m.children())]


# %% count_removed
def count_removed(model, cut):
    gone = list(model.children())[cut:]
    return len(gone), sum(map(n_leaves, gone))


# %% why_one_layer
# No. From the resnet two children go, the pool and fc, and from squeezenet one, but that one is a
# box of four layers. It depends on what you call a layer. The cut is not found by magic: a person
# wrote a number for each family into model_meta. The new head always has nine entries, you can
# count them with len(model[1]). The flatten of the resnet is only in forward, so it is lost.
