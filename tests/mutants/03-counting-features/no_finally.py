"""
what: removes the hooks only when forward succeeds
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []
    handles = [
        m.register_forward_hook(lambda m, i, o: rows.append((type(m).__name__, tuple(o.shape))))
        for m in model.modules()
        if not list(m.children())
    ]
    model(x)
    for handle in handles:
        handle.remove()
    return rows
