"""
what: notes the kinds of layers it knows
lesson: 03-counting-features
loses: [test_layer_shapes]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []

    def note(module, inputs, output):
        rows.append((type(module).__name__, tuple(output.shape)))

    handles = [
        m.register_forward_hook(note)
        for m in model.modules()
        if isinstance(m, (nn.Conv2d, nn.Linear, nn.ReLU, nn.MaxPool2d, nn.Flatten, nn.LayerNorm))
    ]
    try:
        with torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return rows
