"""
what: "takes the groups out of the list that it was given"
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    first = n if n >= 0 else len(groups) + n
    for _ in range(first):
        for p in groups.pop(0):
            p.requires_grad_(False)
    for g in groups:
        for p in g:
            p.requires_grad_(True)
