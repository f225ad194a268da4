"""
what: reads out_channels of the last convolution instead of probing
lesson: 03-counting-features
loses: [test_num_features_model, test_num_features_model_any_input]
"""


# %% num_features_model
def num_features_model(body):
    convolutions = [m for m in body.modules() if isinstance(m, nn.Conv2d)]
    return convolutions[-1].out_channels
