"""
what: "also throws old gradients away"
lesson: 07-split-freeze-train
loses: []
"""


# %% freeze_to
def freeze_to(groups, n):
    first = n if n >= 0 else len(groups) + n
    for i, g in enumerate(groups):
        for p in g:
            p.requires_grad = i >= first
            p.grad = None
