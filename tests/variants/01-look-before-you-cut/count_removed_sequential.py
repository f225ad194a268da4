"""
what: puts what goes into a box and counts its leaves
lesson: 01-look-before-you-cut
loses: []
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    removed = nn.Sequential(*list(model.children())[cut:])
    return (len(removed), n_leaves(removed) if len(removed) else 0)
