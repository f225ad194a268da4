"""
what: probes under no_grad but in train mode, so BatchNorm statistics move
lesson: 03-counting-features
loses: [test_num_features_model_any_input, test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    size = 32
    while size <= 2048:
        try:
            with torch.no_grad():
                return body(torch.zeros(2, first.in_channels, size, size)).shape[1]
        except Exception:
            size *= 2
