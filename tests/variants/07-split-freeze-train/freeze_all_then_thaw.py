"""
what: everything frozen first, a negative n goes into the slice
lesson: 07-split-freeze-train
"""


# %% freeze_to
def freeze_to(groups, n):
    [p.requires_grad_(False) for group in groups for p in group]
    [p.requires_grad_(True) for group in list(groups)[n:] for p in group]
