"""
what: probes with 32 pixels and gives up
lesson: 03-counting-features
loses: [test_num_features_model_any_input, test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    body.eval()
    with torch.no_grad():
        return body(torch.zeros(1, first.in_channels, 32, 32)).shape[1]
