"""
what: "what is frozen loses its gradient, what is not keeps it; sets a flag on groups of the model"
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
