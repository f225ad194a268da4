"""
what: ignores custom_head
lesson: 06-assembly
loses: [test_create_cnn_model_options]
"""


# %% create_cnn_model
def create_cnn_model(
    arch,
    n_out,
    pretrained=False,
    cut=None,
    n_in=3,
    init=nn.init.kaiming_normal_,
    custom_head=None,
    **head_options,
):
    body = create_body(arch(pretrained=pretrained), n_in, pretrained, cut)
    return fastai_add_head(body, num_features_model(body), n_out, init=init, **head_options)
