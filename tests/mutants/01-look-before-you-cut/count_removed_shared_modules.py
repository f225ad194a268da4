"""
what: counts leaves by modules(), box at the top only
lesson: 01-look-before-you-cut
loses: [test_count_removed]
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    removed = nn.Sequential(*list(model.children())[cut:])
    return len(removed), len(list(removed.modules())) - 1
