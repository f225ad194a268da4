"""Checks of pandas' data frames and series. pandas is imported only when one is there."""

from __future__ import annotations

from typing import Any

import numpy as np

from headcheck.lesson.arrays import expect_array
from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.plain import describe, kind_of, wrong_kind
from headcheck.lesson.values import expect_answered


def expect_frame(
    got: object,
    expected: Any,
    checked: str,
    *,
    index: bool = True,
    any_order: bool = False,
    types: bool = True,
    tolerance: float = 1e-7,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """A data frame or series: columns (or name), rows, index, types, then values, by column.

    The first difference is told. `index=False`: the index does not matter. `any_order`: columns may
    stand in another order, and rows, too, if the index counts. `types=False`: only values.
    """
    expect_answered(got, checked)
    if type(got) is not type(expected):
        why = wrong_kind(got, expected) or cause
        raise CheckFailed(
            checked, got=describe(got), expected=kind_of(expected), cause=why, look=look
        )
    frame, right = _as_frames(got, expected)

    def fail(found: str, wanted: str, why: str | None = None) -> CheckFailed:
        return CheckFailed(checked, got=found, expected=wanted, cause=cause or why, look=look)

    names, wanted = list(frame.columns), list(right.columns)
    if sorted(map(repr, names)) != sorted(map(repr, wanted)) or (not any_order and names != wanted):
        missing = [name for name in wanted if name not in names]
        more = [name for name in names if name not in wanted]
        why = (
            f"the column {describe(missing[0])} is missing"
            if missing
            else f"the column {describe(more[0])} does not belong there"
            if more
            else "the columns stand in another order"
        )
        raise fail(f"columns {describe(names)}", f"columns {describe(wanted)}", why)
    if len(frame) != len(right):
        raise fail(
            f"{len(frame)} rows", f"{len(right)} rows", "rows are lost, left over or doubled"
        )
    if index:
        if list(frame.index.names) != list(right.index.names):
            why = "reset_index() makes the index a column, set_index() a column the index"
            raise fail(
                f"an index named {describe(list(frame.index.names))}",
                f"an index named {describe(list(right.index.names))}",
                why,
            )
        if any_order and frame.index.is_unique and set(frame.index) == set(right.index):
            frame = frame.loc[right.index]
        _expect_items(frame.index, right.index, f"{checked}: the index", tolerance, cause, look)
    for name in wanted:
        mine, theirs = frame[name], right[name]
        if mine.ndim > 1:  # of several columns with one name
            continue
        if types and mine.dtype != theirs.dtype:
            raise fail(
                f"the column {describe(name)} of type {mine.dtype}",
                f"of type {theirs.dtype}",
                "astype(...) makes the type; numbers with gaps become floats",
            )
        what = f"{checked}: the column {describe(name)}" if got is frame else checked
        _expect_items(mine, theirs, what, tolerance, cause, look)


def _as_frames(got: Any, expected: Any) -> tuple[Any, Any]:
    if expected.ndim == 2:
        return got, expected
    name = "values" if expected.name is None else expected.name
    if got.name != expected.name:
        return got.to_frame("no name" if got.name is None else got.name), expected.to_frame(name)
    return got.to_frame(name), expected.to_frame(name)


def _expect_items(
    got: Any, right: Any, checked: str, tolerance: float, cause: str | None, look: str | None
) -> None:
    missing, wanted = np.asarray(got.isna()), np.asarray(right.isna())
    if not (missing == wanted).all():
        place = int(np.argwhere(missing != wanted)[0][0])
        gap, there = "a missing value", "a value"
        raise CheckFailed(
            checked,
            got=f"{gap if missing[place] else there} in row {place}",
            expected=there if missing[place] else gap,
            cause=cause or "fillna, dropna, or what a merge left open",
            look=look,
        )
    numbers = all(str(each.dtype) in _NUMBERS for each in (got, right))
    same = got.dtype == right.dtype
    kind = None if numbers and same else float if numbers else object
    expect_array(
        np.asarray(got[~missing].to_numpy(), dtype=kind),
        np.asarray(right[~wanted].to_numpy(), dtype=kind),
        checked,
        tolerance=tolerance,
        cause=cause,
        look=look,
    )


_NUMBERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
_NUMBERS |= {"float16", "float32", "float64", "bool"}
