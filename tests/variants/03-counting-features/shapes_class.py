"""
what: "a class with __enter__ and weakrefs, always_call"
lesson: 03-counting-features
loses: []
"""


# %% layer_shapes
class Spion:
    def __init__(self, model):
        self.model, self.rows, self.handles = model, [], []

    def __call__(self, module, inputs, output):
        self.rows.append((type(module).__name__, tuple(map(int, output.size()))))

    def __enter__(self):
        for m in self.model.modules():
            if not len(list(m.children())):
                self.handles.append(m.register_forward_hook(self, prepend=True))
        return self

    def __exit__(self, *fehler):
        for h in self.handles:
            h.remove()
        return None


def layer_shapes(model, x):
    with Spion(model) as s:
        model(x)
    return s.rows
