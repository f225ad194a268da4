"""
what: "n_in by name only: the weights are multiplied, in_channels says so, and they still take three channels"
lesson: 06-assembly
loses: [test_create_cnn_model_options]
"""

# %% after create_cnn_model
right = create_cnn_model


def create_cnn_model(arch, n_out, pretrained=False, cut=None, n_in=3, **options):
    model = right(arch, n_out, pretrained, cut, **options)
    if n_in != 3:
        first = next(m for m in model.modules() if isinstance(m, nn.Conv2d))
        first.weight.data.mul_(3)
        first.in_channels = n_in
    return model
