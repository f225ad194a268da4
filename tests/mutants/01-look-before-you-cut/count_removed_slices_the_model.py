"""
what: "slices the model, which only a Sequential allows"
lesson: 01-look-before-you-cut
loses: [test_count_removed]
says: "slice the list of children"
"""


# %% count_removed
def count_removed(model, cut):
    removed = model[cut:]
    return len(removed), n_leaves(removed)
