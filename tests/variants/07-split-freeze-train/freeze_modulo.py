"""
what: modulo for the negative n
lesson: 07-split-freeze-train
"""


# %% freeze_to
def freeze_to(groups, n):
    first = n % len(groups)
    for i in range(len(groups)):
        for p in groups[i]:
            p.requires_grad_(not i < first)
