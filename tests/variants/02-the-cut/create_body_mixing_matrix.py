"""
what: "the new weights are the old ones times a matrix of channels"
lesson: 02-the-cut
loses: []
"""

# %% create_body


def first_conv_of(model):
    for name, m in model.named_modules():
        if isinstance(m, nn.Conv2d):
            return name, m
    raise ValueError("no convolution")


def create_body(model, n_in=3, pretrained=True, cut=None):
    if n_in != 3:
        name, old = first_conv_of(model)
        new = type(old)(
            n_in,
            old.out_channels,
            old.kernel_size,
            old.stride,
            old.padding,
            old.dilation,
            1,
            old.bias is not None,
            old.padding_mode,
        )
        if pretrained:
            mix = torch.zeros(n_in, 3)
            if n_in == 1:
                mix[:] = 1
            elif n_in == 2:
                mix[0, 0] = mix[1, 1] = 1.5
            else:
                mix[:3, :3] = torch.eye(3)
            with torch.no_grad():
                new.weight.copy_(torch.einsum("ni,oihw->onhw", mix, old.weight))
        model.set_submodule(name, new)
    if callable(cut):
        return cut(model)
    return nn.Sequential(*list(model.children())[: last_pool_child(model) if cut is None else cut])
