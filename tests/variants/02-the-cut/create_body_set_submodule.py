"""
what: "deletes children of a copy of the model and wraps"
lesson: 02-the-cut
loses: []
"""


# %% create_body
def create_body(model, n_in=3, pretrained=True, cut=None):
    if n_in != 3:
        for path, conv in model.named_modules():
            if isinstance(conv, nn.Conv2d):
                kwargs = {
                    k: getattr(conv, k)
                    for k in "out_channels kernel_size stride padding dilation padding_mode".split()
                }
                new = nn.Conv2d(n_in, bias=conv.bias is not None, **kwargs)
                if pretrained:
                    with torch.no_grad():
                        nn.init.zeros_(new.weight)
                        if n_in == 1:
                            new.weight += conv.weight.sum(1, keepdim=True)
                        else:
                            k = min(3, n_in)
                            new.weight[:, :k] += conv.weight[:, :k] * (1.5 if n_in == 2 else 1)
                model.set_submodule(path, new)
                break
    if callable(cut):
        return cut(model)
    body = nn.Sequential()
    children = list(model.named_children())
    for name, child in children[: find_cut(model) if cut is None else cut]:
        body.add_module(name, child)
    return body
