"""
what: "torch.func.functional_call in eval mode"
lesson: 03-counting-features
loses: []
"""


# %% num_features_model
def num_features_model(body):
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    body.eval()
    params = {**dict(body.named_parameters()), **dict(body.named_buffers())}
    sizes = [2**p for p in range(5, 12)]
    for size in sizes:
        x = torch.zeros(1, first.in_channels, size, size)
        try:
            y = torch.func.functional_call(body, params, (x,))
        except Exception:
            if size == sizes[-1]:
                raise
            continue
        return y.shape[1]
