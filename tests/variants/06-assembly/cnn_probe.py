"""
what: "own probe in place of num_features_model"
lesson: 06-assembly
loses: []
"""

# %% create_cnn_model
import copy


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
    if custom_head is None:
        with torch.inference_mode():
            nf = copy.deepcopy(body).eval()(torch.rand(1, n_in, 224, 224)).shape[1]
        custom_head = create_head(nf, n_out, **head_options)
    if init:
        fastai_apply_init(custom_head, init)
    return nn.Sequential(body, custom_head)
