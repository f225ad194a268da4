"""
what: "makes a Sequential of every box, whatever its forward does"
lesson: 02-the-cut
loses: [test_create_body]
"""


# %% create_body
def create_body(model, n_in=3, pretrained=True, cut=None):
    if n_in != 3:
        adapt_first_conv(model, n_in, pretrained)
    if cut is None:
        cut = last_pool_child(model)
    if callable(cut):
        return cut(model)
    out = []
    for c in list(model.children())[:cut]:
        out.append(
            c
            if not list(c.children()) or isinstance(c, nn.Sequential)
            else nn.Sequential(*c.children())
        )
    return nn.Sequential(*out)


def adapt_first_conv(model, n_in, pretrained):
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
            else torch.cat([w, torch.zeros(w.shape[0], n_in - 3, *w.shape[2:])], 1)
        )
    parent, _, a = name.rpartition(".")
    setattr(model.get_submodule(parent), a, new)
