"""
what: takes -1 for 2, whatever the number of groups
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    first = 2 if n == -1 else n
    for i, group in enumerate(groups):
        for p in group:
            p.requires_grad_(i >= first)
