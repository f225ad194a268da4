"""
what: "a hook for all modules that is never removed"
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
"""

# %% layer_shapes
from torch.nn.modules.module import register_module_forward_hook


def layer_shapes(model, x):
    rows = []
    mine = set(map(id, model.modules()))

    def note(m, args, out):
        if id(m) in mine and not m._modules:
            rows.append((m._get_name(), tuple(out.shape)))

    register_module_forward_hook(note)
    model(x)
    return list(rows)
