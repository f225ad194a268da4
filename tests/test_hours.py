"""Is everything tried at some time, and the same commit always alike?"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import hours
import pytest
from hours import first_by_hash, leave_out_what_waits, part_of

NAMES = [f"sample-{number}" for number in range(100)]


def test_does_every_name_have_its_turn_and_one_only() -> None:
    parts = [part_of(NAMES, 3, f"{turn:064x}") for turn in range(3)]
    assert sorted(name for part in parts for name in part) == sorted(NAMES)
    assert all(20 < len(part) < 50 for part in parts)


def test_does_what_is_tried_hang_on_the_code_alone() -> None:
    assert part_of(NAMES, 3, "ab") == part_of(NAMES, 3, "ab") != part_of(NAMES, 3, "ac")
    # Others that come leave those that are there where they were.
    assert set(part_of(NAMES[:50], 3, "ab")) <= set(part_of(NAMES, 3, "ab"))
    assert first_by_hash(NAMES, 2) == first_by_hash(NAMES[::-1], 2) != first_by_hash(NAMES, 2, "1")


class Hashable(SimpleNamespace):
    __hash__ = object.__hash__


def left_of(marks: dict[str, str | None], turn: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which of these tests run, and that the others are said."""
    items = [
        Hashable(name=name, get_closest_marker=lambda asked, mark=mark: mark == asked or None)
        for name, mark in marks.items()
    ]
    said: list[Hashable] = []
    hook = SimpleNamespace(pytest_deselected=lambda items: said.extend(items))
    monkeypatch.setattr(hours, "_digest_of_everything", lambda: f"{turn:x}")
    leave_out_what_waits(SimpleNamespace(hook=hook), items)  # type: ignore[arg-type]
    assert sorted(item.name for item in [*items, *said]) == sorted(marks)
    return [item.name for item in items]


MARKS = {
    "quick": None,
    "a": "in_turn",
    "b": "in_turn",
    "long": "night",
    "c": "in_turn",
    "d": "in_turn",
}


def test_is_what_is_for_the_night_left_out_with_a_change_and_of_the_slow_all_but_a_quarter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hours, "WITH_A_CHANGE", True)
    runs = [left_of(MARKS, turn, monkeypatch) for turn in range(8)]
    assert runs == 2 * [["quick", name] for name in "abcd"]
    monkeypatch.setattr(hours, "WITH_A_CHANGE", False)
    assert left_of(MARKS, 0, monkeypatch) == [*MARKS]


def test_is_any_line_of_ours_another_turn_and_what_a_run_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hours, "_ROOT", tmp_path)
    (tmp_path / "headcheck").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "constraints.txt").write_text("")
    (tmp_path / "headcheck" / "desk.py").write_text("x = 1")
    before = hours._digest_of_everything()
    (tmp_path / "headcheck" / "desk.pyc").write_bytes(b"compiled")
    (tmp_path / "headcheck" / "gradebook.db").write_bytes(b"graded")
    assert hours._digest_of_everything() == before
    (tmp_path / "headcheck" / "desk.py").write_text("x = 2")
    assert hours._digest_of_everything() != before
