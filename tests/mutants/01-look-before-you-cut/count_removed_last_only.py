"""
what: counts only the child at the cut
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    children = list(model.children())
    return len(children[cut:]), n_leaves(children[cut])
