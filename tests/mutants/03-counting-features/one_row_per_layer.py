"""
what: keeps one row per layer in a dictionary
lesson: 03-counting-features
loses: [test_layer_shapes]
"""


# %% layer_shapes
def layer_shapes(model, x):
    seen = {}

    def note(m, i, o):
        seen[m] = (type(m).__name__, tuple(o.shape))

    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return list(seen.values())
