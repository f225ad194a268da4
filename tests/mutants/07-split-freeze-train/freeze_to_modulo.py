"""
what: "modulo for the negative n, so that the number of groups means 0"
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    first = n % len(groups)
    for i in range(len(groups)):
        for p in groups[i]:
            p.requires_grad_(not i < first)
