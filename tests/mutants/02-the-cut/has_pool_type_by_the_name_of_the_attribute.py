"""
what: the name of the attribute counts, too
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    endings = ("Pool1d", "Pool2d", "Pool3d")
    return any(
        type(part).__name__.endswith(endings) or name.endswith(endings)
        for name, part in m.named_modules()
    )
