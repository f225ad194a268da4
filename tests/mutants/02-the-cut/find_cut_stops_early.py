"""
what: "stops when no pool has come for a while"
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model):
    found = None
    for i, c in enumerate(model.children()):
        if fastai_has_pool_type(c):
            found = i
        elif found is not None and i > found + 4:
            break
    if found is None:
        raise ValueError("none")
    return found
