"""
what: "searches what is printed for a pool and a bracket"
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""

# %% has_pool_type
import re


def has_pool_type(m):
    return bool(re.search(r"Pool[123]d\(", repr(m)))
