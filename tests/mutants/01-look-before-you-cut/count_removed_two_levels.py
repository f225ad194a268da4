"""
what: "opens boxes, and boxes in boxes, but nothing deeper"
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model, cut):
    gone = list(model.children())[cut:]
    return len(gone), sum(
        max(1, sum(max(1, len(list(b.children()))) for b in c.children())) for c in gone
    )
