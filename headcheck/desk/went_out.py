"""What was made to be sent away, and of which marks: so that it is said when they are others since.

A table or a page in `outbox/` looks the same on the day after a regrade. What was made is compared as
long as it lies there: who makes it again, or removes it, hears no more of it. What was sent to an LMS
itself is compared until it is sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from headcheck.course.counted import first_of
from headcheck.course.directory import Course
from headcheck.course.files import digest, write_if_allowed
from headcheck.course.not_ours import not_ours
from headcheck.desk.as_made import shown
from headcheck.desk.console import warn
from headcheck.desk.visible import line
from headcheck.grading.alone import grading_now
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.marks import Marked, read_marks
from headcheck.grading.openness import still_open

_FOLDER = "went-out"
_MOST = 15  # marks said of one kind
_NOTHING = ""  # what was said of a mark that could not go out yet
Without = Mapping[str, Iterable[str]]


class WentOut(BaseModel):
    """One file or folder. `words`: it shows questions and comments, not the mark alone."""

    model_config = ConfigDict(extra="forbid")

    place: str
    words: bool
    penalty: bool
    again: list[str]  # what to type after `headcheck`, in the course directory
    lessons: dict[str, dict[str, str]]  # lesson -> student -> what was said of their mark
    sent: bool = False  # to an LMS itself: `place` is how that is called, and lies nowhere here


class Outdated(BaseModel):
    """Of one lesson in one place: whose marks are others now, and who has one that had none there."""

    lesson: str
    place: str
    again: list[str]
    changed: list[str]
    new: list[str]
    sent: bool


def remember(
    course: Course,
    place: Path,
    marks: Mapping[str, Mapping[str, Marked]],
    again: Sequence[str],
    *,
    words: bool,
    penalty: bool,
    without: Without,
    add: bool = False,
) -> None:
    """Keep of which marks (lesson -> student -> marks) a place was made; `add`: beside what it held.

    `without`: lesson -> who had no mark that could go there.
    """
    name = shown(course, place)
    known = [*_of_place(course, name)]  # one at most, but for those that an earlier version wrote
    before = _read(known[0]) if add and known else None
    said = _all_said(marks, without, before, words=words, penalty=penalty)
    made = WentOut(
        place=name,
        words=words,
        penalty=penalty,
        again=[*again] if before is None else before.again,
        lessons=said,
    )
    file = _file(course, name)
    write_if_allowed(file, made.model_dump_json(indent=1).encode())
    for other in known:
        if other != file:
            with suppress(OSError):
                other.unlink()


def remember_sent(
    course: Course,
    where: str,
    marks: Mapping[str, Mapping[str, Marked]],
    again: Sequence[str],
    *,
    words: bool,
    penalty: bool,
    without: Without,
) -> None:
    """Keep which marks an LMS was sent, beside those that it was sent before."""
    file = _file(course, where)
    said = _all_said(marks, without, _read(file), words=words, penalty=penalty)
    made = WentOut(
        place=where, words=words, penalty=penalty, again=[*again], lessons=said, sent=True
    )
    write_if_allowed(file, made.model_dump_json(indent=1).encode())


def _all_said(
    marks: Mapping[str, Mapping[str, Marked]],
    without: Without,
    before: WentOut | None,
    *,
    words: bool,
    penalty: bool,
) -> dict[str, dict[str, str]]:
    """lesson -> student -> what was said, now or before."""
    earlier = {} if before is None else before.lessons
    return {
        lesson: dict.fromkeys(without.get(lesson, ()), _NOTHING)
        | earlier.get(lesson, {})
        | {who: _said(one, words=words, penalty=penalty) for who, one in found.items()}
        for lesson, found in marks.items()
    }


def outdated(course: Course, gradebook: ClassGradebook) -> Iterator[Outdated]:
    """What lies there of marks that are others now."""
    now: dict[str, dict[str, Marked]] = {}
    gone = not_ours(course.root)
    for file in sorted((course.private / _FOLDER).glob("*.json")):
        made = _read(file)
        if made is None or not (made.sent or (course.root / made.place).exists()):
            continue
        for lesson, said in made.lessons.items():
            if lesson not in now:
                now[lesson] = read_marks(gradebook, lesson)
            moved = [
                who
                for who, one in now[lesson].items()
                if who in said and who not in gone and _is_other(said[who], one, made)
            ]
            if moved:
                yield Outdated(
                    lesson=lesson,
                    place=made.place,
                    again=made.again,
                    changed=sorted(who for who in moved if said[who] != _NOTHING),
                    new=sorted(who for who in moved if said[who] == _NOTHING),
                    sent=made.sent,
                )


def _is_other(said: str, now: Marked, made: WentOut) -> bool:
    """Who had no mark that could go out, has one as soon as nothing of it is open."""
    if said == _NOTHING:
        return still_open(now).final
    return said != _said(now, words=made.words, penalty=made.penalty)


def warn_of_impossible_marks(lesson: str, marks: Mapping[str, Marked]) -> None:
    """Say which marks by hand no question gives: formgrader's page stops them, a script does not."""
    said = [
        f"{line(who)} {cell.grade_id} {cell.by_hand:g} of {cell.max_score:g}"
        for who, marked in sorted(marks.items())
        for cell in marked.impossible
    ]
    if said:
        warn(
            f"{lesson}: marks by hand that their question cannot give, and they count as they are: "
            f"{first_of(said, _MOST)}. Formgrader or `headcheck review` mends them."
        )


def warn_of_a_grading(course: Course) -> None:
    """Marks of half the class may be those of before."""
    if who := grading_now(course):
        warn(
            f"{who} is grading this course, so marks may be others in a moment. When that has ended, "
            "`headcheck todo` names what to make again."
        )


def _said(marked: Marked, *, words: bool, penalty: bool) -> str:
    mark = f"{marked.mark(penalty=penalty):.2f}"
    if not words:
        return mark
    cells = [f"{cell.grade_id} {cell.score:.2f} {cell.waits}" for cell in marked.cells]
    comments = [f"{name} {text}" for name, text in sorted(marked.comments.items())]
    return digest([mark, *cells, "", *comments])


def _file(course: Course, place: str) -> Path:
    return course.private / _FOLDER / f"{digest([place])[:32]}.json"


def _of_place(course: Course, name: str) -> Iterator[Path]:
    """What is remembered of a place, also where the course lay elsewhere then."""
    for file in sorted((course.private / _FOLDER).glob("*.json")):
        made = _read(file)
        if made is not None and made.place == name and not made.sent:
            yield file


def _read(file: Path) -> WentOut | None:
    """A damaged file says nothing: what is made next writes it."""
    try:
        return WentOut.model_validate_json(file.read_bytes())
    except (OSError, ValueError):
        return None
