"""
what: "slices with list(), setattr"
lesson: 07-split-freeze-train
loses: []
"""


# %% freeze_to
def freeze_to(groups, n):
    groups = list(map(list, groups))
    trainable = groups[n:] if n else groups
    ids = {id(p) for g in trainable for p in g}
    for g in groups:
        for p in g:
            setattr(p, "requires_grad", id(p) in ids)
