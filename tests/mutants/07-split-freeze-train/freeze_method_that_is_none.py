"""
what: assigns to a name on the group, not to its parameters
lesson: 07-split-freeze-train
loses: [test_freeze_to]
"""


# %% freeze_to
def freeze_to(groups, n):
    for i, group in enumerate(groups):
        requires_grad = i >= n
