"""
what: "any digit between Pool and d"
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""

# %% has_pool_type
import re


def has_pool_type(m):
    return any(re.search(r"Pool\dd$", type(p).__name__) for p in m.modules())
