"""
what: the two numbers swapped
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    removed = list(model.children())[cut:]
    return sum(n_leaves(child) for child in removed), len(removed)
