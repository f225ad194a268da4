"""
what: searches Pool2d anywhere in the name
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""

# %% has_pool_type
import re


def has_pool_type(m: nn.Module) -> bool:
    return any(re.search("Pool[123]d", type(part).__name__) is not None for part in m.modules())
