"""
what: "names without longer names below them, then get_submodule"
lesson: 01-look-before-you-cut
loses: []
"""


# %% leaf_layers
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    names = [n for n, _ in model.named_modules(remove_duplicate=False)]
    leaves = [
        n for n in names if not any(o != n and (o.startswith(n + ".") or n == "") for o in names)
    ]
    return [model.get_submodule(n) for n in leaves]
