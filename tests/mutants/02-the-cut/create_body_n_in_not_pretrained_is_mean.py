"""
what: "not pretrained gives the mean of the old weights"
lesson: 02-the-cut
loses: [test_create_body_n_in]
"""


# %% create_body
def create_body(model, n_in=3, pretrained=True, cut=None):
    if n_in != 3:
        path, conv = next((n, m) for n, m in model.named_modules() if isinstance(m, nn.Conv2d))
        kwargs = {
            k: getattr(conv, k)
            for k in "out_channels kernel_size stride padding dilation padding_mode".split()
        }
        new = nn.Conv2d(n_in, bias=conv.bias is not None, **kwargs)
        with torch.no_grad():
            if not pretrained:
                new.weight.copy_(
                    conv.weight.mean(1, keepdim=True) + torch.randn_like(new.weight) * 0.01
                )
            else:
                nn.init.zeros_(new.weight)
                if n_in == 1:
                    new.weight += conv.weight.sum(1, keepdim=True)
                else:
                    k = min(3, n_in)
                    new.weight[:, :k] += conv.weight[:, :k] * (1.5 if n_in == 2 else 1)
        model.set_submodule(path, new)
    if callable(cut):
        return cut(model)
    return nn.Sequential(*list(model.children())[: find_cut(model) if cut is None else cut])
