"""
what: "the BatchNorm layers of a pretrained body begin anew"
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
    model = arch(pretrained=pretrained)
    body = create_body(model, n_in, pretrained, cut)
    for m in body.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.reset_parameters()
    nf = num_features_model(body) if custom_head is None else None
    return fastai_add_head(body, nf, n_out, init=init, head=custom_head, **head_options)
