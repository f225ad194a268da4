"""
what: "leaf is what torch.nn has, containers apart, plus fastai's Flatten"
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""


# %% leaf_layers
def leaf_layers(model):
    out = []
    for _, m in model.named_modules(remove_duplicate=False):
        home = type(m).__module__
        if (home.startswith("torch.nn") and "container" not in home) or type(
            m
        ).__name__ == "Flatten":
            out.append(m)
    return out
