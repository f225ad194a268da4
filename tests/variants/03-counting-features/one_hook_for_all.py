"""
what: one hook for every module there is, and shapes as PyTorch says them
lesson: 03-counting-features
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []

    def note(module, inputs, output):
        if next(module.children(), None) is None:
            rows.append((module._get_name(), output.size()))

    handle = nn.modules.module.register_module_forward_hook(note)
    try:
        with torch.inference_mode():
            model(x)
    finally:
        handle.remove()
    return rows
