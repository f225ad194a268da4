"""Many calls of one answer at once: for formulas that a check tries on a whole grid.

Beside the check this is a plain loop. When the answer lives in the student's process, one question
carries all calls, and a small one costs a tenth of a question of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def call_each(function: Callable[..., Any], calls: Sequence[Mapping[str, Any]]) -> list[Any]:
    """`[function(**options) for options in calls]`. Raises what the first failing call raises.

    A function may have a method `__each__(self, calls)` for its type: it stands for one that
    lives elsewhere.
    """
    elsewhere = getattr(type(function), "__each__", None)
    if elsewhere is not None:
        return elsewhere(function, calls)
    return [function(**options) for options in calls]
