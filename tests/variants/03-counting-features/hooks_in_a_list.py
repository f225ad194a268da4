"""
what: hooks in a list, removed in finally
lesson: 03-counting-features
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []

    def note(module, inputs, output):
        rows.append((type(module).__name__, tuple(output.shape)))

    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
    try:
        with torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return rows
