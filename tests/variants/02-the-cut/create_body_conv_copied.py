"""
what: the new convolution is a copy of the old one, with other weights
lesson: 02-the-cut
loses: []
"""

# %% create_body
import copy


def create_body(
    model: nn.Module, n_in: int = 3, pretrained: bool = True, cut=None
) -> nn.Sequential:
    if n_in != 3:
        for place, old in model.named_modules():
            if isinstance(old, nn.Conv2d):
                break
        new = copy.deepcopy(old)
        new.in_channels = n_in
        weights = torch.empty(old.out_channels, n_in, *old.kernel_size)
        if not pretrained:
            nn.init.kaiming_uniform_(weights, a=5**0.5)
        elif n_in < 3:
            weights[:] = (
                3 / n_in * old.weight[:, :n_in] if n_in == 2 else old.weight.sum(1)[:, None]
            )
        else:
            weights.fill_(0)
            weights[:, :3] = old.weight
        new.weight = nn.Parameter(weights.detach())
        model.set_submodule(place, new)
    children = [*model.children()]
    match cut:
        case int():
            return nn.Sequential(*children[:cut])
        case None:
            return nn.Sequential(*children[: last_pool_child(model)])
    return cut(model)
