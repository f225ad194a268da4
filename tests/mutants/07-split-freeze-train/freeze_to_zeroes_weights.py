"""
what: "freeze_to sets all weights to zero"
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    first = n if n >= 0 else len(groups) + n
    for i, g in enumerate(groups):
        for p in g:
            p.requires_grad_(i >= first)
            p.data.zero_()
