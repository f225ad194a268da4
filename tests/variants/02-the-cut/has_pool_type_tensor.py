"""
what: "a tensor of truth values and any()"
lesson: 02-the-cut
loses: []
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    return torch.tensor(
        [type(x).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")) for x in m.modules()]
    ).any()
