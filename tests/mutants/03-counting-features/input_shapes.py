"""
what: notes the shape of the input instead of the output
lesson: 03-counting-features
loses: [test_layer_shapes]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []

    def note(m, inputs, output):
        rows.append((type(m).__name__, tuple(inputs[0].shape)))

    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return rows
