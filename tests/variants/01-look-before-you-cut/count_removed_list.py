"""
what: a list instead of a tuple, own counting
lesson: 01-look-before-you-cut
loses: []
"""


# %% count_removed
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    removed = list(model.children())[cut:]
    leaves = 0
    for child in removed:
        for _, part in child.named_modules(remove_duplicate=False):
            leaves += not part._modules
    return [len(removed), leaves]
