"""
what: "forward replaced on the instances and not put back"
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []
    for m in model.modules():
        if not m._modules:

            def forward(*a, _m=m, _f=type(m).forward, **k):
                out = _f(_m, *a, **k)
                rows.append((type(_m).__name__, tuple(out.shape)))
                return out

            m.forward = forward
    model(x)
    return rows
