"""
what: "always leaves the last group trainable"
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    first = min(n if n >= 0 else len(groups) + n, len(groups) - 1)
    for i, g in enumerate(groups):
        for p in g:
            p.requires_grad_(i >= first)
