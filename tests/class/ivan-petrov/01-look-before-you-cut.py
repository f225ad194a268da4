"""
what: loops for ever when the cut is negative
endless: true
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model, cut):
    children = list(model.children())
    i = cut
    leaves = 0
    while i != len(children):
        leaves += n_leaves(children[cut])
        if cut > 0:
            i += 1
    return len(children) - cut, leaves
