"""
what: runs in eval mode without gradients and puts the mode back
lesson: 03-counting-features
"""


# %% layer_shapes
def layer_shapes(model, x):
    training, rows, handles = model.training, [], []
    model.eval()
    try:
        for m in model.modules():
            if len(list(m.children())) == 0:
                handles.append(
                    m.register_forward_hook(
                        lambda m, _, out: rows.append((type(m).__name__, tuple(out.size())))
                    )
                )
        with torch.no_grad():
            model(x)
        return rows
    finally:
        for handle in handles:
            handle.remove()
        model.train(training)
