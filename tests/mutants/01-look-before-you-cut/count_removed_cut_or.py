"""
what: treats cut 0 as no cut
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    cut = cut or -1
    removed = list(model.children())[cut:]
    return len(removed), sum(n_leaves(child) for child in removed)
