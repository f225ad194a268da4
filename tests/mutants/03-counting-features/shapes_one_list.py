"""
what: always gives the same list
lesson: 03-counting-features
loses: [test_layer_shapes]
"""

# %% layer_shapes
ROWS = []


def layer_shapes(model, x):
    ROWS.clear()

    def note(module, inputs, output):
        ROWS.append((type(module).__name__, tuple(output.shape)))

    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
    try:
        with torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return ROWS
