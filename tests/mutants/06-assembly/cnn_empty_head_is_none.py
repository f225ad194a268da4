"""
what: an empty custom head is taken for none
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
    nf = num_features_model(body)
    return fastai_add_head(body, nf, n_out, init=init, head=custom_head or None, **head_options)
