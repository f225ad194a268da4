"""
what: takes for granted that the first layer is the first convolution
lesson: 03-counting-features
loses: [test_num_features_model, test_num_features_model_any_input, test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    first = body[0]
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
