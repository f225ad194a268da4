"""
what: removes the hook that was there first
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []

    def note(module, inputs, output):
        rows.append((type(module).__name__, tuple(output.shape)))

    leaves = [m for m in model.modules() if not list(m.children())]
    for m in leaves:
        m.register_forward_hook(note)
    try:
        with torch.no_grad():
            model(x)
    finally:
        for m in leaves:
            m._forward_hooks.popitem(last=False)
    return rows
