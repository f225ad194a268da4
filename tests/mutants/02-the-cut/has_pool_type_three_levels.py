"""
what: looks three boxes deep, not deeper
lesson: 02-the-cut
loses: [test_has_pool_type]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    parts, found = [m], False
    for _ in range(4):
        found = found or any(
            type(part).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")) for part in parts
        )
        parts = [child for part in parts for child in part.children()]
    return found
