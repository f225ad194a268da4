"""What takes long and is the same for everybody: computed once, not for every submission.

On a student's machine the first call computes it, and later ones know it. In grading a process that
meets no student computes it for the whole class (`compute_all`); the process that others are forked
from keeps the bytes (`keep`), and the checker of each submission makes it of them at the first call
(`begin`). So it is as public as the setup cells: what must stay hidden is no such function.
"""

from __future__ import annotations

import base64
import functools
import pickle
import random
from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np

from headcheck.lesson.torch_here import Tensor, torch

Result = TypeVar("Result")
ROOM = 2 << 20  # bytes of all results of a lesson: they travel in one frame
MAX_LESSONS = 32  # known at a time

_functions: dict[str, Callable[[], object]] = {}  # of this process's setup cells
_kept: dict[str, dict[str, bytes]] = {}  # setup cells -> function -> its pickled result
_mine: Mapping[str, bytes] = {}  # those of the lesson that this process checks


def once_for_all(function: Callable[[], Result]) -> Callable[[], Result]:
    """`function`, a setup cell's that takes no arguments, computed once.

    Its result has to follow from the setup cells alone, the same each time: it sets its own seeds,
    and leaves the random state as it was (`torch.random.fork_rng`). What does not is computed for
    each submission, and so is what pickle does not take, or what is larger than 2 MiB with what the
    functions above it give.
    """
    code = function.__code__
    name = f"{code.co_name}, {code.co_filename}, line {code.co_firstlineno}"

    @functools.cache
    def known() -> Result:
        data = _mine.get(name)
        if data is None:
            return function()
        found: Result = pickle.loads(data)
        return found

    _functions[name] = known
    return functools.update_wrapper(known, function)


def keep(lesson: str, results: Mapping[str, str]) -> None:
    """Hold what `compute_all` has said, for all processes that are forked from this one. Reads none of it."""
    _kept[lesson] = {name: base64.b64decode(text) for name, text in results.items()}
    while len(_kept) > MAX_LESSONS:
        del _kept[next(iter(_kept))]


def is_kept(lesson: str) -> bool:
    """Whether `keep` was called for a lesson, even with nothing."""
    return lesson in _kept


def begin(lesson: str | None) -> None:
    """In a checker, before its setup cells run: it checks this lesson."""
    global _mine
    _mine = _kept.get(lesson or "", {})


def compute_all() -> dict[str, str]:
    """What the functions of the setup cells give, as texts for `keep`. Leaves out what cannot be kept."""
    results, room = {}, ROOM
    for name, function in _functions.items():
        before = _random_state()
        try:
            data = pickle.dumps(function())
        except Exception:  # so the check that needs it will say
            continue
        if len(data) <= room and _random_state() == before:
            room -= len(data)
            results[name] = base64.b64encode(data).decode()
    return results


def _random_state() -> bytes:
    of_torch = torch.get_rng_state()
    numbers = of_torch.numpy() if isinstance(of_torch, Tensor) else of_torch
    return pickle.dumps((random.getstate(), np.random.get_state(), numbers))
