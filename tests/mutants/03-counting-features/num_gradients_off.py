"""
what: switches gradients off for good
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    body.eval()
    torch.set_grad_enabled(False)
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    size = 32
    while True:
        try:
            return body(torch.zeros(1, first.in_channels, size, size)).shape[1]
        except Exception:
            size *= 2
            if size > 2048:
                raise
