"""Is everything tried at some time, and the same commit always alike?"""

from __future__ import annotations

from types import SimpleNamespace

import hours
import pytest
from hours import first_by_hash, leave_out_what_is_for_the_night, part_of

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


@pytest.mark.parametrize("with_a_change", [True, False])
def test_is_what_is_for_the_night_left_out_with_a_change_alone(
    monkeypatch: pytest.MonkeyPatch, with_a_change: bool
) -> None:
    monkeypatch.setattr(hours, "WITH_A_CHANGE", with_a_change)
    said: list[object] = []
    hook = SimpleNamespace(pytest_deselected=lambda items: said.extend(items))
    by_day, by_night = (
        SimpleNamespace(get_closest_marker=lambda name, mark=mark: mark == name)
        for mark in (None, "night")
    )
    items = [by_day, by_night]
    leave_out_what_is_for_the_night(SimpleNamespace(hook=hook), items)  # type: ignore[arg-type]
    assert (items, said) == (([by_day], [by_night]) if with_a_change else ([by_day, by_night], []))
