"""
what: "in_channels and weight of the old convolution changed"
lesson: 02-the-cut
loses: []
"""


# %% create_body
def create_body(model, n_in=3, pretrained=True, cut=None):
    if n_in != 3:
        conv = next(m for m in model.modules() if isinstance(m, nn.Conv2d))
        w = conv.weight.detach()
        if n_in == 1:
            new = w.sum(1, keepdim=True)
        elif n_in == 2:
            new = w[:, :2] * 1.5
        else:
            new = nn.functional.pad(w, (0, 0, 0, 0, 0, n_in - 3))
        conv.in_channels = n_in
        conv.weight = nn.Parameter(new.clone(), requires_grad=True)
        if not pretrained:
            conv.reset_parameters()
    if callable(cut):
        return cut(model)
    return nn.Sequential(*list(model.children())[: find_cut(model) if cut is None else cut])
