"""Whom of the class does an LMS mean? Found by number or login first, by name only when it is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from headcheck.course.roster import Student, names_of, plain_name

NEAR = 80  # of 100: alike enough to ask "did you mean"
_BY_NUMBER = ("id", "canvas", "sis", "login", "email")


@dataclass(frozen=True)
class Match:
    """The student, or why there is none: nobody, or several. `near` are ids to ask about."""

    student: Student | None
    near: tuple[str, ...] = ()
    ambiguous: bool = False


def find(who: Mapping[str, str], roster: Sequence[Student]) -> Match:
    """The student of the roster with these facts (see `presets.Claim.who`)."""
    for kind in _BY_NUMBER:
        if kind in who:
            found = [s for s in roster if _same(kind, who[kind], s.facts().get(kind, ""))]
            if len(found) == 1:
                return Match(found[0])
    if "name" in who:
        return _by_name(who["name"], roster)
    return Match(None)


def _same(kind: str, theirs: str, ours: str) -> bool:
    if not ours:
        return False
    if kind == "sis":  # spreadsheets drop leading zeros
        return theirs.lstrip("0").casefold() == ours.lstrip("0").casefold()
    return theirs.strip().casefold() == ours.casefold()


def _by_name(name: str, roster: Sequence[Student]) -> Match:
    wanted = plain_name(name)
    forms = {wanted, plain_name(name.partition(" ")[2])} - {""}  # some put the user name before it
    found = [student for student in roster if forms & names_of(student)]
    if len(found) == 1:
        return Match(found[0])
    if found:
        return Match(None, tuple(student.id for student in found), ambiguous=True)
    known = {
        f"{student.id}\0{number}": form
        for student in roster
        for number, form in enumerate(sorted(names_of(student)))
    }
    near = process.extract(wanted, known, scorer=fuzz.ratio, limit=6, score_cutoff=NEAR)
    return Match(None, tuple(dict.fromkeys(key.partition("\0")[0] for _, _, key in near))[:3])
