"""
what: never removes its hooks
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []
    for m in model.modules():
        if not list(m.children()):
            m.register_forward_hook(lambda m, i, o: rows.append((type(m).__name__, tuple(o.shape))))
    model(x)
    return rows
