"""
what: sets an attribute that nobody reads
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    for i, group in enumerate(groups):
        for p in group:
            p.frozen = i < n % len(groups)
