"""
what: "leaves a group alone when its first parameter is right already"
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    first = n if n >= 0 else len(groups) + n
    for i, g in enumerate(groups):
        if g and g[0].requires_grad != (i >= first):
            for p in g:
                p.requires_grad_(i >= first)
