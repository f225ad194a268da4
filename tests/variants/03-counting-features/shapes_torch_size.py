"""
what: "rows hold torch.Size"
lesson: 03-counting-features
loses: []
"""


# %% layer_shapes
def layer_shapes(model, x):
    rows = []
    handles = []
    try:
        for m in model.modules():
            if m._modules == {}:
                handles.append(
                    m.register_forward_hook(
                        lambda m, i, o: rows.append(
                            (str(type(m)).split(".")[-1].rstrip("'>"), o.shape)
                        )
                    )
                )
        model(x)
    finally:
        for h in handles:
            h.remove()
    return rows
