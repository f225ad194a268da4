"""When a test runs: with every change (`make test`), or in the night too (`make test-all`).

A change is tried in minutes: what takes longest there is done in part, another part with every change
of what it tries (`part_of`), or has the mark `night`, which says what stands for it by day. Who names
a file (`pytest tests/test_audit.py`) has all of it run, but what needs the whole night.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256

import pytest

_ASKED = os.environ.get("HEADCHECK_TESTS")
IN_THE_NIGHT = _ASKED == "all"
WITH_A_CHANGE = _ASKED == "changed"

night = pytest.mark.night


def first_by_hash(names: Iterable[str], number: int, key: str = "") -> list[str]:
    """A choice that stays what it is when others come; another one with another `key`."""
    return sorted(names, key=lambda name: _place(key + name))[:number]


def part_of(names: Iterable[str], parts: int, key: str) -> list[str]:
    """About one of so many `parts`, those whose turn it is.

    `key` is a digest of what they are tried with: each change of that is tried with another part, and
    the same commit always with the same one.
    """
    turn = int(key, 16)
    return [name for name in names if (_place(name) + turn) % parts == 0]


def leave_out_what_is_for_the_night(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of what `make test` runs, those with the mark `night`."""
    if not WITH_A_CHANGE:
        return
    left_out = [item for item in items if item.get_closest_marker("night")]
    items[:] = [item for item in items if item not in left_out]
    if left_out:
        config.hook.pytest_deselected(items=left_out)


def _place(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest(), "big")
