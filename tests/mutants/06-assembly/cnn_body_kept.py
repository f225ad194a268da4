"""
what: one body for all models of an architecture
lesson: 06-assembly
loses: [test_create_cnn_model_options]
"""

# %% create_cnn_model
_bodies = {}


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
    key = (arch.__name__, pretrained, str(cut), n_in)
    if key not in _bodies:
        _bodies[key] = create_body(arch(pretrained=pretrained), n_in, pretrained, cut)
    body = _bodies[key]
    nf = num_features_model(body) if custom_head is None else None
    return fastai_add_head(body, nf, n_out, init=init, head=custom_head, **head_options)
