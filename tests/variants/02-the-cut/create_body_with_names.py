"""
what: "an OrderedDict with the names"
lesson: 02-the-cut
loses: []
"""

# %% create_body
from collections import OrderedDict


def create_body(model, n_in=3, pretrained=True, cut=None):
    if n_in != 3:
        with torch.no_grad():
            for path, conv in model.named_modules():
                if type(conv) is nn.Conv2d:
                    break
            new = nn.Conv2d(
                n_in,
                conv.out_channels,
                conv.kernel_size,
                conv.stride,
                conv.padding,
                conv.dilation,
                1,
                conv.bias is not None,
                conv.padding_mode,
            )
            if pretrained:
                w = conv.weight
                new.weight[:] = {
                    1: lambda: w.sum(dim=1, keepdim=True),
                    2: lambda: w[:, :2] * 1.5,
                }.get(
                    n_in, lambda: torch.cat((w, w.new_zeros(len(w), n_in - 3, *w.shape[2:])), 1)
                )()
                if conv.bias is not None:
                    new.bias.data = conv.bias.data.clone()
            *boxes, attr = path.split(".")
            owner = model
            for b in boxes:
                owner = getattr(owner, b)
            setattr(owner, attr, new)
    match cut:
        case None:
            cut = find_cut(model)
        case c if callable(c):
            return c(model)
    return nn.Sequential(OrderedDict(list(model.named_children())[:cut]))
