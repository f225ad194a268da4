"""
what: leaves Dropout out, which changes no shape
lesson: 03-counting-features
loses: [test_layer_shapes]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []
    hs = [
        m.register_forward_hook(lambda m, i, o: rows.append((type(m).__name__, tuple(o.shape))))
        for m in model.modules()
        if not m._modules and not isinstance(m, nn.Dropout)
    ]
    try:
        model(x)
    finally:
        [h.remove() for h in hs]
    return rows
