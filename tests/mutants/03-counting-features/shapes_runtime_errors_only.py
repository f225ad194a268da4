"""
what: removes its hooks when forward fails with a RuntimeError, and with no other
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []
    hs = [
        m.register_forward_hook(lambda m, i, o: rows.append((type(m).__name__, tuple(o.shape))))
        for m in model.modules()
        if not m._modules
    ]
    try:
        model(x)
    except RuntimeError:
        [h.remove() for h in hs]
        raise
    [h.remove() for h in hs]
    return rows
