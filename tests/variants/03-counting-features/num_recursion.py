"""
what: "recursion in place of a loop"
lesson: 03-counting-features
loses: []
"""


# %% num_features_model
def num_features_model(body, _size=32):
    c = [m for m in body.modules() if isinstance(m, nn.Conv2d)][0].in_channels
    body.eval()
    try:
        with torch.no_grad():
            n, channels, *_ = body(torch.zeros(1, c, _size, _size)).shape
            return channels
    except Exception:
        if _size >= 2048:
            raise
        return num_features_model(body, _size * 2)
