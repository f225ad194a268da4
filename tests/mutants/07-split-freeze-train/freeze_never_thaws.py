"""
what: only ever freezes
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    for group in groups[:n]:
        for p in group:
            p.requires_grad_(False)
