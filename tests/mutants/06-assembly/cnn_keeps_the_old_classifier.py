"""
what: puts the head on the uncut model
lesson: 06-assembly
loses: [test_create_cnn_model, test_create_cnn_model_families, test_create_cnn_model_options]
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
    model = arch(pretrained=pretrained)
    return fastai_add_head(
        model, 1000, n_out, init=init, head=custom_head, pool=False, **head_options
    )
