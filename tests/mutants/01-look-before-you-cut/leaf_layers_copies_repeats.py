"""
what: "a layer that was met before is copied"
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""

# %% leaf_layers
import copy


def leaf_layers(model):
    seen, out = set(), []
    for _, m in model.named_modules(remove_duplicate=False):
        if not m._modules:
            out.append(copy.deepcopy(m) if id(m) in seen else m)
            seen.add(id(m))
    return out
