"""
what: uses the add_head of the same notebook and probes by hand
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
    body = create_body(arch(pretrained=pretrained), n_in, pretrained, cut)
    with torch.no_grad():
        nf = body.eval()(torch.zeros(1, n_in, 64, 64)).shape[1]
    body.train()
    return add_head(body, nf, n_out, init, custom_head, **head_options)
