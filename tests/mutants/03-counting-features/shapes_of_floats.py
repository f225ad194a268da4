"""
what: makes 32 bit numbers of x
lesson: 03-counting-features
loses: [test_layer_shapes]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []

    def note(module, inputs, output):
        rows.append((str(module).split("(")[0], tuple(output.shape)))

    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
    try:
        with torch.no_grad():
            model(x.float())
    finally:
        for handle in handles:
            handle.remove()
    return rows
