"""When a test runs: with every change (`make test`), or in the night too (`make test-all`).

A change is tried in minutes: what takes longest there is done in part, another part with every change
of what it tries (`part_of`). Of the tests that take seconds each (mark `in_turn`) a quarter has its turn.
And the longest have the mark `night`, which says what stands for them by day. Who names a file
(`pytest tests/test_audit.py`) has all of it run, but what needs the whole night.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest

_ASKED = os.environ.get("HEADCHECK_TESTS")
IN_THE_NIGHT = _ASKED == "all"
WITH_A_CHANGE = _ASKED == "changed"

night = pytest.mark.night
in_turn = pytest.mark.in_turn
TURNS = 4
_ROOT = Path(__file__).parent.parent
# Whatever changes in these is a change, and other tests have their turn.
_TEXTS = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".html", ".css", ".js"}
_WHAT_CHANGES = ("headcheck", "source", "tests", "docs", "pyproject.toml", "constraints.txt")


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


def leave_out_what_waits(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of what `make test` runs, those with the mark `night`, and those whose turn it is not."""
    if not WITH_A_CHANGE:
        return
    slow = [item for item in items if item.get_closest_marker("in_turn")]
    turn = int(_digest_of_everything(), 16) % TURNS
    # Each fourth of them, not those of one hash: neighbours, which try much the same, have other turns.
    waiting = {item for number, item in enumerate(slow) if number % TURNS != turn}
    waiting |= {item for item in items if item.get_closest_marker("night")}
    if waiting:
        config.hook.pytest_deselected(items=[item for item in items if item in waiting])
        items[:] = [item for item in items if item not in waiting]


def _digest_of_everything() -> str:
    """The same for the same commit, wherever it lies and whatever has been run in it."""
    found = sha256()
    for name in _WHAT_CHANGES:
        place = _ROOT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.suffix in _TEXTS and path.is_file():
                found.update(
                    path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes()
                )
    return found.hexdigest()


def _place(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest(), "big")
