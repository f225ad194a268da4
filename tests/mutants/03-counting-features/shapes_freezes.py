"""
what: freezes the parameters for the look and thaws all of them
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []

    def note(module, inputs, output):
        rows.append((type(module).__name__, tuple(output.shape)))

    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
    model.requires_grad_(False)
    try:
        model(x)
    finally:
        model.requires_grad_(True)
        for handle in handles:
            handle.remove()
    return rows
