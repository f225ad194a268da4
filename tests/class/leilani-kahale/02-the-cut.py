"""
what: one channel takes the mean of the three, not the sum
lesson: 02-the-cut
loses: [test_create_body_n_in]
"""


# %% create_body
def create_body(model, n_in=3, pretrained=True, cut=None):
    if n_in != 3:
        first_conv = next(m for m in model.modules() if isinstance(m, nn.Conv2d))
        weight = first_conv.weight.data
        if pretrained and n_in == 1:
            first_conv.weight.data = weight.mean(dim=1, keepdim=True)
        elif pretrained and n_in == 2:
            first_conv.weight.data = weight[:, :2] * 1.5
        else:
            first_conv.weight.data = torch.cat(
                [weight, torch.zeros(len(weight), n_in - 3, *weight.shape[2:])], dim=1
            )
        first_conv.in_channels = n_in
    if cut is None:
        cut = last_pool_child(model)
    return cut(model) if callable(cut) else nn.Sequential(*list(model.children())[:cut])
