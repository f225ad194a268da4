"""
what: returns copies of the layers
lesson: 01-look-before-you-cut
loses: [test_leaf_layers]
"""

# %% leaf_layers
import copy


def leaf_layers(model: nn.Module) -> list[nn.Module]:
    everything = model.named_modules(remove_duplicate=False)
    return [copy.deepcopy(m) for _, m in everything if not m._modules]
