"""
what: takes abs(cut) for the number of children removed
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    n = abs(cut)
    removed = list(model.children())[-n:]
    return n, sum(n_leaves(child) for child in removed)
