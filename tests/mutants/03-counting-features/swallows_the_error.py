"""
what: catches the error of a failing forward and says nothing
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []

    def note(m, inputs, output):
        rows.append((type(m).__name__, tuple(output.shape)))

    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
    try:
        model(x)
    except Exception:
        pass
    finally:
        for handle in handles:
            handle.remove()
    return rows
