"""
what: counts a layer once that stands in two of the children that go
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model, cut):
    removed = list(model.children())[cut:]
    return len(removed), len({m for c in removed for m in c.modules() if not m._modules})
