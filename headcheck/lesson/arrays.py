"""Checks of numpy arrays. Each raises `CheckFailed`."""

from __future__ import annotations

import numpy as np

from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.plain import describe, wrong_kind
from headcheck.lesson.values import Mistakes, expect_answered, known_mistake, shape_cause


def expect_array(
    got: object,
    expected: object,
    checked: str,
    *,
    tolerance: float = 1e-7,
    any_type: bool = False,
    mistakes: Mistakes = None,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """A numpy array: kind, shape, type of its items, then the items; the first that differs is told.

    Floats may differ by `tolerance`, relative and absolute. `any_type` takes other types of items.
    """
    expect_answered(got, checked)
    right = np.asarray(expected)
    if type(got) is not np.ndarray:
        why = wrong_kind(got, right) or cause
        raise CheckFailed(checked, got=describe(got), expected="an array", cause=why, look=look)
    if got.shape != right.shape:
        raise CheckFailed(
            checked,
            got=f"shape {got.shape}",
            expected=f"shape {right.shape}",
            cause=known_mistake(got.shape, mistakes)
            or cause
            or shape_cause(got.shape, right.shape),
            look=look,
        )
    if got.dtype != right.dtype and not any_type:
        raise CheckFailed(
            checked,
            got=f"items of type {got.dtype}",
            expected=f"items of type {right.dtype}",
            cause=cause
            or "astype(...) makes the type; integers do not hold what lies between them",
            look=look,
        )
    differs = ~_near(got, right, tolerance)
    if not differs.any():
        return
    place = tuple(int(n) for n in np.argwhere(differs)[0]) if got.ndim else ()
    where = f" at {list(place)}" if place else ""
    raise CheckFailed(
        checked,
        got=f"{_item(got[place])}{where}, the first of {int(differs.sum())} that differ"
        if got.size > 1
        else _item(got[place]),
        expected=_item(right[place]),
        cause=known_mistake(got.tolist(), mistakes) or cause,
        look=look,
    )


def _near(got: np.ndarray, right: np.ndarray, tolerance: float) -> np.ndarray:
    """Where two arrays of one shape are the same, as an array of bools."""
    if got.dtype.kind in "fciub" and right.dtype.kind in "fciub" and "f" in _kinds(got, right):
        return np.isclose(got, right, rtol=tolerance, atol=tolerance, equal_nan=True)
    same = [type(a) is type(b) and a == b for a, b in _pairs(got, right)]
    return np.array([each is True for each in same], bool).reshape(got.shape)


def _kinds(got: np.ndarray, right: np.ndarray) -> str:
    kinds = got.dtype.kind + right.dtype.kind
    return kinds.replace("c", "f")


def _pairs(got: np.ndarray, right: np.ndarray) -> list[tuple[object, object]]:
    """The items as Python's own values; times that are missing are alike."""
    if got.dtype.kind in "mM" and got.dtype == right.dtype:
        got, right = got.view("i8"), right.view("i8")
    return list(zip(got.ravel().tolist(), right.ravel().tolist(), strict=True))


def _item(value: object) -> str:
    return describe(value.item() if isinstance(value, np.generic) else value)
