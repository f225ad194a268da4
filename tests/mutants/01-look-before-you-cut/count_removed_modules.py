"""
what: counts boxes among the leaf layers
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    removed = list(model.children())[cut:]
    return len(removed), sum(len(list(child.modules())) for child in removed)
