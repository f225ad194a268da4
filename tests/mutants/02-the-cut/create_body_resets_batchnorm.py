"""
what: "the statistics of BatchNorm are set back to those of a new layer"
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut, test_create_body_n_in]
"""


# %% create_body
def create_body(model, n_in=3, pretrained=True, cut=None):
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.reset_running_stats()
    if n_in != 3:
        adapt(model, n_in, pretrained)
    if cut is None:
        cut = last_pool_child(model)
    if callable(cut):
        return cut(model)
    return nn.Sequential(*list(model.children())[:cut])


def adapt(model, n_in, pretrained):
    name, old = next((n, m) for n, m in model.named_modules() if isinstance(m, nn.Conv2d))
    new = nn.Conv2d(
        n_in,
        old.out_channels,
        old.kernel_size,
        old.stride,
        old.padding,
        old.dilation,
        bias=old.bias is not None,
        padding_mode=old.padding_mode,
    )
    if pretrained:
        w = old.weight.data
        new.weight.data = (
            w.sum(1, keepdim=True)
            if n_in == 1
            else w[:, :2] * 1.5
            if n_in == 2
            else torch.cat([w, w.new_zeros(w.shape[0], n_in - 3, *w.shape[2:])], 1)
        )
    parent, _, a = name.rpartition(".")
    setattr(model.get_submodule(parent), a, new)
