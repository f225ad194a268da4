"""The head that a student's is compared with: fastai's own, which every student has installed.

In the student edition this file stands where the grader has its own reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import FunctionType
from typing import Any

from fastai.vision import learner
from torch import nn

# A copy of the function: while an answer is checked, fastai's own raises.
_fastai = learner.create_head
_create = FunctionType(
    _fastai.__code__,
    _fastai.__globals__,
    _fastai.__name__,
    _fastai.__defaults__,
    _fastai.__closure__,
)
_create.__kwdefaults__ = _fastai.__kwdefaults__


def build_head(
    nf: int,
    n_out: int,
    lin_ftrs: Sequence[int] | None = None,
    ps: float | Sequence[float] = 0.5,
    **options: Any,
) -> nn.Sequential:
    """fastai's head. Raises ValueError where fastai would silently build another one."""
    hidden = None if lin_ftrs is None else list(lin_ftrs)
    drops = [ps] if isinstance(ps, int | float) else list(ps)
    linears = 2 if hidden is None else len(hidden) + 1
    if len(drops) not in (1, linears):
        raise ValueError(f"ps needs 1 or {linears} values for these lin_ftrs")
    return _create(nf, n_out, lin_ftrs=hidden, ps=drops, **options)
