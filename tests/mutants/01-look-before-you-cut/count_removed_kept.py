"""
what: counts what stays
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    kept = list(model.children())[:cut]
    return len(kept), sum(n_leaves(child) for child in kept)
