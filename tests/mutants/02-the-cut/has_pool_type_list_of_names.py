"""
what: "a list of names with the one of the check"
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m):
    kinds = {
        f"{k}Pool{d}d"
        for k in ("Max", "Avg", "AdaptiveMax", "AdaptiveAvg", "LP", "FractionalMax")
        for d in (1, 2, 3)
    }
    kinds |= {"GeMPool2d", "AdaptiveConcatPool2d"}
    return any(type(x).__name__ in kinds for x in m.modules())
