"""
what: larger and larger black images in eval mode, which stays
lesson: 03-counting-features
"""


# %% num_features_model
def num_features_model(body):
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    body.eval()
    size = 32
    while True:
        try:
            with torch.no_grad():
                return body(torch.zeros(1, first.in_channels, size, size)).shape[1]
        except Exception:
            size *= 2
            if size > 2048:
                raise
