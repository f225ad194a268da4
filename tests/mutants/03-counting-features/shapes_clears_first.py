"""
what: "clears all hooks before it puts its own"
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows, hs = [], []
    for m in model.modules():
        m._forward_hooks.clear()
        if not m._modules:
            hs.append(
                m.register_forward_hook(
                    lambda m, i, o: rows.append((type(m).__name__, tuple(o.shape)))
                )
            )
    try:
        model(x)
    finally:
        for h in hs:
            h.remove()
    return rows
