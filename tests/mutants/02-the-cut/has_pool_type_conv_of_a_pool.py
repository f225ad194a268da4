"""
what: Pool anywhere in the name, and a 1d, 2d or 3d at its end
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    return any(
        "Pool" in type(part).__name__ and type(part).__name__[-2:] in ("1d", "2d", "3d")
        for part in m.modules()
    )
