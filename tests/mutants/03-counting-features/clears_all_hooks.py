"""
what: clears every hook of the layers, also those that somebody else had put there
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
says: only those that you put there
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []
    leaves = [m for m in model.modules() if not list(m.children())]
    for m in leaves:
        m.register_forward_hook(lambda m, i, o: rows.append((type(m).__name__, tuple(o.shape))))
    try:
        model(x)
    finally:
        for m in leaves:
            m._forward_hooks.clear()
    return rows
