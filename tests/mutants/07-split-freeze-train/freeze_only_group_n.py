"""
what: only group n becomes trainable
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    chosen = range(len(groups))[n]
    for i, group in enumerate(groups):
        for p in group:
            p.requires_grad_(i == chosen)
