"""
what: "named tuple with numpy ints"
lesson: 01-look-before-you-cut
loses: []
"""

# %% count_removed
from typing import NamedTuple
import numpy as np


class Removed(NamedTuple):
    children: int
    leaves: int


def count_removed(model: nn.Module, cut: int) -> Removed:
    gone = np.array([n_leaves(c) for c in model.children()], dtype=np.int64)[cut:]
    return Removed(np.int64(gone.size), gone.sum())
