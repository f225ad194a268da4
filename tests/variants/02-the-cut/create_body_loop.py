"""
what: appends child by child, adapts the body
lesson: 02-the-cut
loses: []
"""


# %% create_body
def create_body(
    model: nn.Module, n_in: int = 3, pretrained: bool = True, cut=None
) -> nn.Sequential:
    if callable(cut):
        body = cut(model)
    else:
        if cut is None:
            cut = last_pool_child(model)
        body = nn.Sequential()
        for child in list(model.children())[:cut]:
            body.append(child)
    if n_in != 3:
        first = [(n, m) for n, m in body.named_modules() if type(m) is nn.Conv2d][0]
        name, old = first
        new = nn.Conv2d(
            n_in,
            old.out_channels,
            old.kernel_size,
            old.stride,
            old.padding,
            old.dilation,
            old.groups,
            old.bias is not None,
            padding_mode=old.padding_mode,
        )
        if pretrained:
            w = old.weight.data
            if n_in == 1:
                new.weight.data = w[:, 0:1] + w[:, 1:2] + w[:, 2:3]
            elif n_in == 2:
                new.weight.data = 1.5 * w[:, :2]
            else:
                extra = torch.zeros(w.shape[0], n_in - 3, w.shape[2], w.shape[3])
                new.weight.data = torch.cat([w, extra], dim=1)
        *path, last = name.split(".")
        parent = body
        for step in path:
            parent = getattr(parent, step)
        setattr(parent, last, new)
    return body
