"""
what: slices from abs(cut) on, right only where half of the children go
lesson: 01-look-before-you-cut
says: "abs(cut) turns it round"
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    removed = list(model.children())[abs(cut) :]
    return len(removed), sum(n_leaves(child) for child in removed)
