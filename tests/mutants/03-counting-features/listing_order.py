"""
what: gives the rows in the order of the listing
lesson: 03-counting-features
loses: [test_layer_shapes]
"""


# %% layer_shapes
def layer_shapes(model, x):
    calls = {m: [] for m in model.modules() if not list(m.children())}

    def note(m, inputs, output):
        calls[m].append((type(m).__name__, tuple(output.shape)))

    handles = [m.register_forward_hook(note) for m in calls]
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return [row for rows in calls.values() for row in rows]
