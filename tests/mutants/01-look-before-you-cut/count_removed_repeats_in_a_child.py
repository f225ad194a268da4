"""
what: "counts a layer once that stands twice in a child"
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model, cut):
    gone = list(model.children())[cut:]
    return len(gone), sum(1 for c in gone for m in c.modules() if not list(m.children()))
