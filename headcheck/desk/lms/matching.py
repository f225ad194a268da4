"""Whom of the class does an LMS mean? Found by number or login first, by name only when it is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from headcheck.course.roster import (
    ROSTER,
    Student,
    called,
    names_of,
    plain_name,
    same_letters,
)

NEAR = 80  # of 100: alike enough to ask "did you mean"
_BY_NUMBER = ("id", "canvas", "sis", "login", "email")


@dataclass(frozen=True)
class Match:
    """The student, or why there is none: nobody, or not clear who. `near` are ids to ask about."""

    student: Student | None
    near: tuple[str, ...] = ()
    ambiguous: str = ""  # why it is not clear, half a sentence


def find(who: Mapping[str, str], roster: Sequence[Student]) -> Match:
    """The student of the roster with these facts (see `presets.Claim.who`)."""
    if "anyhow" in who:
        return _by_anything(who["anyhow"], roster)
    known: dict[str, Student] = {}
    for kind in _BY_NUMBER:
        if kind in who:
            found = [s for s in roster if _same(kind, who[kind], s.facts().get(kind, ""))]
            if len(found) == 1:
                known[kind] = found[0]
    ids = tuple(dict.fromkeys(student.id for student in known.values()))
    if len(ids) > 1:
        said = (f"the {called(kind)} is that of {one.id}" for kind, one in known.items())
        return Match(None, ambiguous=", but ".join(said))
    if known:
        return Match(next(iter(known.values())))
    if "name" in who:
        return _by_name(who, roster)
    return Match(None, _near(who.get("id", ""), roster))


def _by_anything(text: str, roster: Sequence[Student]) -> Match:
    match = find(dict.fromkeys(_BY_NUMBER, text), roster)
    return match if match.student or match.ambiguous else _by_name({"name": text}, roster)


def _same(kind: str, theirs: str, ours: str) -> bool:
    if not ours:
        return False
    if kind == "sis":  # spreadsheets drop leading zeros
        return theirs.lstrip("0").casefold() == ours.lstrip("0").casefold()
    return same_letters(theirs) == same_letters(ours)


def _by_name(who: Mapping[str, str], roster: Sequence[Student]) -> Match:
    name = who["name"]
    wanted = plain_name(name)
    forms = {wanted, plain_name(name.partition(" ")[2])} - {""}  # some put the user name before it
    found = [student for student in roster if forms & names_of(student)]
    if len(found) == 1:
        if kind := _disagrees(found[0], who):
            why = f"{found[0].id} is called so, but has another {called(kind)} in {ROSTER}"
            return Match(None, ambiguous=why)
        return Match(found[0])
    if found:
        near = tuple(student.id for student in found)
        return Match(None, near, f"several students are called so; {_what_tells(who)}")
    return Match(None, _near(name, roster))


def _what_tells(who: Mapping[str, str]) -> str:
    """What would say which of several namesakes it is."""
    for kind in _BY_NUMBER:
        if text := who.get(kind):
            return f"{ROSTER} says it, once {text} is the {called(kind)} of one of them"
    return (
        "the LMS tells neither number nor e-mail of this one, so put the files into FOLDER/ID/ by hand and "
        "collect FOLDER"
    )


def _disagrees(student: Student, who: Mapping[str, str]) -> str | None:
    """Somebody of the same name in another course, or section, has numbers of their own."""
    for kind, ours in student.facts().items():
        if kind != "id" and ours and kind in who and not _same(kind, who[kind], ours):
            return kind
    return None


def _near(text: str, roster: Sequence[Student]) -> tuple[str, ...]:
    """Whom a name or an id of nobody may mean."""
    wanted = plain_name(text)
    known = {
        f"{student.id}\0{number}": form
        for student in roster
        for number, form in enumerate(sorted({*names_of(student), plain_name(student.id)}))
    }
    near = process.extract(wanted, known, scorer=fuzz.ratio, limit=6, score_cutoff=NEAR)
    return tuple(dict.fromkeys(key.partition("\0")[0] for _, _, key in near))[:3]
