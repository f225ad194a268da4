"""
what: "the old convolution itself gets other weights"
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
    """Changes the old convolution itself."""
    if n_in != 3:
        _, conv = first_conv_of(model)
        w = conv.weight.data
        if not pretrained:
            conv.in_channels = n_in
            conv.weight = nn.Parameter(w.new_empty(w.shape[0], n_in, *w.shape[2:]))
            conv.reset_parameters()
        else:
            if n_in == 1:
                w = w.sum(1, True)
            elif n_in == 2:
                w = 1.5 * w[:, :2].clone()
            else:
                w = torch.nn.functional.pad(w, (0, 0, 0, 0, 0, n_in - 3))
            conv.in_channels = n_in
            conv.weight.data = w
    if callable(cut):
        return cut(model)
    if cut is None:
        cut = last_pool_child(model)
    return nn.Sequential(*list(model.children())[:cut])
