"""
what: returns the match itself, a truthy value, or None
lesson: 02-the-cut
loses: []
"""

# %% has_pool_type
import re


def has_pool_type(m: nn.Module) -> bool:
    for part in m.modules():
        match = re.search(r"Pool[123]d$", type(part).__name__)
        if match:
            return match
    return None
