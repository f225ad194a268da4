"""
what: takes 0 for the end of the slice
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    for group in groups:
        for p in group:
            p.requires_grad_(True)
    for group in groups[: n or None]:
        for p in group:
            p.requires_grad_(False)
