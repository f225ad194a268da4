"""
what: two slices
lesson: 07-split-freeze-train
"""


# %% freeze_to
def freeze_to(groups, n):
    n = range(len(groups) + 1)[n] if n >= 0 else len(groups) + n
    for group in groups[:n]:
        for p in group:
            p.requires_grad = False
    for group in groups[n:]:
        for p in group:
            p.requires_grad = True
