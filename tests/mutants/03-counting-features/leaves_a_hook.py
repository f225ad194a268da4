"""
what: reads the shape with a hook and never removes it
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    seen = []
    body.register_forward_hook(lambda m, i, o: seen.append(o.shape[1]))
    body.eval()
    size = 32
    while not seen and size <= 2048:
        try:
            body(torch.zeros(1, first.in_channels, size, size))
        except Exception:
            size *= 2
    return seen[0]
