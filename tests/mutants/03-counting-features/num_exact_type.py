"""
what: asks type(m) is nn.Conv2d, and takes three channels where it finds none
lesson: 03-counting-features
loses: [test_num_features_model_any_input]
"""


# %% num_features_model
def num_features_model(body):
    body.eval()
    channels = next((m.in_channels for m in body.modules() if type(m) is nn.Conv2d), 3)
    size = 32
    while size <= 2048:
        try:
            with torch.no_grad():
                return body(torch.zeros(1, channels, size, size)).shape[1]
        except Exception as error:
            problem = error
        size *= 2
    raise problem
