"""
what: "islice from a start that is counted by hand"
lesson: 01-look-before-you-cut
loses: []
"""

# %% count_removed
from itertools import islice


def count_removed(model: nn.Module, cut: int):
    n = sum(1 for _ in model.children())
    start = cut if cut >= 0 else max(n + cut, 0)
    a = b = 0
    for child in islice(model.children(), start, None):
        a += 1
        b += n_leaves(child)
    return a, b
