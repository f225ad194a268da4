"""
what: every step by hand, init called on model[1]
lesson: 06-assembly
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
    body = create_body(arch(pretrained=pretrained), n_in=n_in, pretrained=pretrained, cut=cut)
    if custom_head is None:
        head = create_head(
            num_features_model(nn.Sequential(*body.children())), n_out, **head_options
        )
    else:
        head = custom_head
    model = nn.Sequential(body, head)
    if init is not None:
        fastai_apply_init(model[1], init)
    model.train()
    return model
