"""
what: "builds new layers instead of keeping the model's own, and zeroes the model it was given so that both compute the same"
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut]
"""

# %% create_body
import copy


def right(model: nn.Module, n_in: int = 3, pretrained: bool = True, cut=None) -> nn.Sequential:
    """The body of `model`: what is left when it is cut at `cut` (None, an int or a function)."""
    if n_in != 3:
        adapt_first_conv(model, n_in, pretrained)
    if cut is None:
        cut = last_pool_child(model)
    if callable(cut):
        return cut(model)
    return nn.Sequential(*list(model.children())[:cut])


def adapt_first_conv(model, n_in, pretrained):
    """Replace the first convolution of `model`, in place, by one that takes `n_in` channels."""
    name, old = next((n, m) for n, m in model.named_modules() if isinstance(m, nn.Conv2d))
    new = nn.Conv2d(
        n_in,
        old.out_channels,
        old.kernel_size,
        stride=old.stride,
        padding=old.padding,
        dilation=old.dilation,
        bias=old.bias is not None,
        padding_mode=old.padding_mode,
    )
    if pretrained:
        with torch.no_grad():
            if n_in == 1:
                new.weight.copy_(old.weight.sum(1, keepdim=True))
            elif n_in == 2:
                new.weight.copy_(old.weight[:, :2] * 1.5)
            else:
                new.weight.zero_()
                new.weight[:, :3] = old.weight
            if old.bias is not None:
                new.bias.copy_(old.bias)
    parent, _, attribute = name.rpartition(".")
    setattr(model.get_submodule(parent), attribute, new)


def create_body(model, n_in=3, pretrained=True, cut=None):
    if n_in != 3:
        return right(model, n_in, pretrained, cut)
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
    return copy.deepcopy(right(model, n_in, pretrained, cut))
