"""
what: watches a deep copy of the model, so that nothing is there to be cleaned up
lesson: 03-counting-features
"""

# %% layer_shapes
import copy


def layer_shapes(model, x):
    rows, twin = [], copy.deepcopy(model)
    for layer in twin.modules():
        if not list(layer.children()):
            layer.register_forward_hook(
                lambda layer, _, output: rows.append((type(layer).__name__, tuple(output.shape)))
            )
    twin(x)
    return rows
