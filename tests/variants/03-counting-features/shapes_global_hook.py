"""
what: "torch's global forward hook"
lesson: 03-counting-features
loses: []
"""

# %% layer_shapes
from torch.nn.modules.module import register_module_forward_hook


def layer_shapes(model, x):
    rows = []

    def note(m, args, out):
        if not m._modules:
            rows.append((m._get_name(), tuple(out.shape)))

    h = register_module_forward_hook(note)
    try:
        with torch.no_grad():
            model(x)
    finally:
        h.remove()
    return rows
