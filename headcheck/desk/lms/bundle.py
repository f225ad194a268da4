"""Feedback as an LMS takes it back: the name that each page needs there, from collect's manifest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from headcheck.desk.lms.collect import Collected

PAGE = "feedback.html"


class NoPlace(ValueError):
    """Why a page has no name in the LMS; half a sentence."""


def name_for(lms: str, student: str, collected: Collected | None) -> str:
    """The path of a student's page in the bundle for an LMS. Raises `NoPlace`."""
    if lms == "folders":
        if PurePosixPath(student).name != student or student in (".", ".."):
            raise NoPlace("this cannot be the name of a folder")
        return f"{student}/{PAGE}"
    if collected is None or not collected.prefix:
        raise NoPlace(f"not collected from {lms.title()}, so nothing says how it is called there")
    if collected.preset != lms:
        raise NoPlace(f"collected from {collected.preset.title()}, not from {lms.title()}")
    return _NAMES[lms](collected.prefix)


def _canvas(prefix: str) -> str:
    return f"{prefix}{PAGE}"  # the numbers of user and attachment have to come back as they came


def _moodle(prefix: str) -> str:
    return f"{prefix.rstrip('_')}/{PAGE}"


def _sakai(prefix: str) -> str:
    return f"{prefix}Feedback Attachment(s)/{PAGE}"


_NAMES: dict[str, Callable[[str], str]] = {"canvas": _canvas, "moodle": _moodle, "sakai": _sakai}
