"""
what: "a hook on the body itself"
lesson: 03-counting-features
loses: []
"""


# %% num_features_model
def num_features_model(body):
    seen = {}
    handle = body.register_forward_hook(lambda m, i, o: seen.update(shape=o.shape))
    try:
        body.eval()
        first = next(filter(lambda m: isinstance(m, nn.Conv2d), body.modules()))
        for k in range(5, 12):
            try:
                with torch.no_grad():
                    body(torch.zeros(1, first.in_channels, 2**k, 2**k))
                break
            except Exception as e:
                last = e
        else:
            raise last
    finally:
        handle.remove()
    return seen["shape"][1]
