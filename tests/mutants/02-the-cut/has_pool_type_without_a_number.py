"""
what: takes a name that ends in Pool for one, too
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""

# %% has_pool_type
import re


def has_pool_type(m):
    return any(re.search(r"Pool([123]d)?$", type(p).__name__) for p in m.modules())
