"""
what: runs the model on random numbers instead of x
lesson: 03-counting-features
loses: [test_layer_shapes]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []

    def note(module, inputs, output):
        rows.append((type(module).__name__, tuple(output.shape)))

    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
    try:
        with torch.no_grad():
            model(torch.randn(x.shape))
    finally:
        for handle in handles:
            handle.remove()
    return rows
