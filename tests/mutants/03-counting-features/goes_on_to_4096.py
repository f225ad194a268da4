"""
what: doubles once too often
lesson: 03-counting-features
loses: [test_num_features_model_any_input]
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
            if size > 4096:
                raise
