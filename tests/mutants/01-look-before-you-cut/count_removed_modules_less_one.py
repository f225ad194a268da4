"""
what: modules() less the box itself
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model, cut):
    removed = list(model.children())[cut:]
    return len(removed), sum(max(1, len(list(c.modules())) - 1) for c in removed)
