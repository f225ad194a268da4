"""
what: recursion, with a regular expression
lesson: 02-the-cut
loses: []
"""

# %% has_pool_type
import re


def has_pool_type(m: nn.Module) -> bool:
    if re.search(r"Pool[123]d$", type(m).__name__):
        return True
    return any(has_pool_type(child) for child in m.children())
