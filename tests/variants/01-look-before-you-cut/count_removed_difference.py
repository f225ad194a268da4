"""
what: all minus what stays
lesson: 01-look-before-you-cut
loses: []
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    kept = list(model.children())[:cut]
    n = len(list(model.children()))
    return n - len(kept), n_leaves(model) - sum(n_leaves(child) for child in kept)
