"""
what: returns the number of leaf layers only
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    return sum(n_leaves(child) for child in list(model.children())[cut:])
