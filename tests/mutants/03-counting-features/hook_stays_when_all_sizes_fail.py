"""
what: "counts with a hook, and takes it off only when a size fits"
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    seen = []
    handle = body.register_forward_hook(lambda m, i, o: seen.append(o.shape[1]))
    body.eval()
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    size = 32
    while not seen:
        try:
            with torch.no_grad():
                body(torch.zeros(1, first.in_channels, size, size))
        except Exception:
            size *= 2
            if size > 2048:
                raise
    handle.remove()
    return seen[0]
