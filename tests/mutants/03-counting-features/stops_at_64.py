"""
what: tries 32 and 64 pixels only
lesson: 03-counting-features
loses: [test_num_features_model_any_input, test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    body.eval()
    for size in (32, 64):
        try:
            with torch.no_grad():
                return body(torch.zeros(1, first.in_channels, size, size)).shape[1]
        except RuntimeError:
            pass
    raise ValueError("the body needs larger images")
