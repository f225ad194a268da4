"""Secret sizes: drawn anew per grading, and again the same when the seed is given.

A hidden test that always asks for `create_head(512, 37)` is answered by a table. So it draws its
sizes, and the seed is recorded with the result to make every grading reproducible.
"""

from __future__ import annotations

import os
import random

SEED_VARIABLE = "HEADCHECK_SEED"
_seed: int | None = None


def set_seed(seed: int) -> None:
    """Fix the draws of this process (the grader does, and records the number)."""
    global _seed
    _seed = seed


def given_seed() -> int | None:
    """The seed that the environment asks for, if any; a ValueError in one sentence for no number."""
    given = os.environ.get(SEED_VARIABLE, "").strip()
    if not given:
        return None
    if len(given) > 20 or not given.isdecimal():
        raise ValueError(
            f"{SEED_VARIABLE} is {given[:40]!r}, and a seed is a whole number such as 12345; set it to "
            "the seed that stands in a record or report, or unset it."
        )
    return int(given)


def draw(purpose: str) -> random.Random:
    """A random source for one check; `purpose` keeps two checks from drawing the same numbers."""
    global _seed
    if _seed is None:
        given = given_seed()
        _seed = random.SystemRandom().randrange(2**32) if given is None else given
    return random.Random(f"{_seed}/{purpose}")
