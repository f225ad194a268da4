"""
what: looks at the children only, not inside them
lesson: 03-counting-features
loses: [test_layer_shapes]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []
    handles = [
        m.register_forward_hook(lambda m, i, o: rows.append((type(m).__name__, tuple(o.shape))))
        for m in model.children()
    ]
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return rows
