"""`headcheck collect`: a download of an LMS becomes `submitted/<student>/<lesson>/`.

First a plan of everything (what goes where, what does not and why), then the plan is carried out.
Nothing that was there is lost: a submission that a newer attempt replaces moves to
`submitted/.earlier/`. What came from where stands in `submitted/.collected/<lesson>.json`; feedback
is sent back by it.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from headcheck.course.counted import first_of
from headcheck.course.dates import read_dates
from headcheck.course.dates_told import yaml_trouble
from headcheck.course.directory import Course, CourseError
from headcheck.course.files import digest, naming, write_whole
from headcheck.course.not_ours import NotOurs, not_ours
from headcheck.course.roster import EXAMPLE, ROSTER, Student, read_roster
from headcheck.desk import visible
from headcheck.desk.lms import presets
from headcheck.desk.lms.archive import (
    ARCHIVES,
    Contents,
    Damaged,
    Entry,
    Refused,
    only_archive,
    open_download,
    shown,
)
from headcheck.desk.lms.matching import find
from headcheck.desk.lms.moodle_class import HOW, MoodleClass, NotThere, read_moodle_class
from headcheck.desk.lms.people import People, Several
from headcheck.desk.lms.presets import GRADESCOPE_METADATA, Claim, without_counter

FILE_MIB, TOTAL_MIB = 100, 4096
MAX_METADATA = 20 << 20
_SENT_BACK = {"feedback.html", "results.json"}  # as `bundle` and `export` call it
EARLIER, COLLECTED, ARRIVING = ".earlier", ".collected", ".arriving"
_ID = re.compile(r"[^\s/\\+:*?\"<>|\x00-\x1f.][^/\\+:*?\"<>|\x00-\x1f]{0,99}")

_SYMBOL = re.compile(r"(?m)((?:^|[{,]|- )\s*):(\w+):(?=\s)")

_OF_MANY = ("name", "anyhow", "submission")  # what may be another student's next time

NOBODY = f"nobody of {ROSTER}"
_BLIND = "Moodle hides the name; reveal the students' identities there and download again"

# "replaced": by what is there, in an earlier collect; where an LMS tells no times, that is its order.
What = Literal["new", "newer", "same", "older", "replaced"]


class Collected(BaseModel):
    """What the manifest remembers of one submission: enough to send its feedback back."""

    model_config = ConfigDict(extra="forbid")

    preset: str
    download: str  # the name of the zip
    prefix: str  # of names in it, as the LMS wants them back
    who: dict[str, str]
    attempt: str
    rank: str
    late: bool | None
    when: datetime | None
    digest: str
    collected: datetime
    replaced: list[str] = []  # digests of what it came in place of


class Manifest(BaseModel):
    """`submitted/.collected/<lesson>.json`."""

    students: dict[str, Collected] = {}


@dataclass(frozen=True)
class Arrival:
    """One submission that goes to `submitted/<student>/<lesson>/`."""

    student: str
    lesson: str
    files: Mapping[str, Entry]
    claim: Claim
    what: What = "new"
    renamed: str = ""  # what its notebook was called
    as_others: bool = False  # its names tell no lesson, so it is that of the others

    @property
    def left(self) -> bool:
        """Whether what is there stays, as it is newer."""
        return self.what in ("older", "replaced")


@dataclass(frozen=True)
class Unplaced:
    """Files that have no place. `near`: who may be meant; `known`: whose they are is clear."""

    label: str
    why: str
    near: tuple[str, ...] = ()
    known: bool = False


@dataclass
class Plan:
    """What `collect` would do."""

    preset: str
    download: Path
    lesson: str | None = None  # that was named
    arrivals: list[Arrival] = field(default_factory=list)
    ambiguous: list[Unplaced] = field(default_factory=list)
    unmatched: list[Unplaced] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    skipped: list[Refused] = field(default_factory=list)  # known and not wanted: lists, typed text
    not_ours: list[Unplaced] = field(
        default_factory=list
    )  # by not-ours.txt, so nobody waits for it
    hint: str = ""  # what helps with those who were not found
    shared_names: frozenset[str] = frozenset()  # that several participants of Moodle have
    earlier: Callable[[], Mapping[tuple[str, str], str]] = dict  # kind and number -> whose it was
    submitted: Path | None = None  # where namesakes may have been sorted by hand

    @property
    def complete(self) -> bool:
        """Whether everything that somebody handed in has its place."""
        return not (self.ambiguous or self.unmatched or self.refused)


# ---- the plan ------------------------------------------------------------------------------------


def plan(
    course: Course,
    download: Path,
    *,
    lesson: str | None = None,
    preset: str | None = None,
    pattern: str | None = None,
    worksheet: Path | None = None,
) -> Plan:
    """What there is in a download and where it belongs; nothing is written.

    Raises `CourseError` when the download, the roster or the pattern cannot be used.
    """
    lessons = [one.name for one in course.lessons()]
    if lesson is not None:
        lesson = course.select([lesson])[0].name
    if course.step_folder("submitted").resolve().is_relative_to(download.resolve()):
        raise CourseError(
            f"{download} holds what was collected already; name the zip (or folder) that the LMS gave you."
        )
    contents = open_download(download, file_mib=FILE_MIB, total_mib=TOTAL_MIB)
    reading = _read(download, contents, preset, pattern)
    roster = read_roster(course.root)
    if not roster and reading.preset not in ("plain", "pattern"):
        there = "has no student in it" if (course.root / ROSTER).exists() else "is missing"
        raise CourseError(
            f"{course.root / ROSTER} {there}: {reading.preset} has names and numbers of its own, and "
            f"that file says whose they are. Like this:\n{EXAMPLE}"
        )
    made = Plan(reading.preset, download, lesson, refused=list(contents.refused))
    made.refused += [Refused(shown(p), "its name is not like the others") for p in reading.others]
    attempts = _attempts(reading.claims, contents, made)
    if lesson is not None:
        _not_of_another_lesson(attempts, lesson, lessons, download)
    # "Participant", in any language.
    names = Counter(
        one.claim.who["name"] for one in attempts if {"name", "participant"} <= one.claim.who.keys()
    )
    # Hidden are all names of an assignment or none: two of one name among others are namesakes.
    made.shared_names = frozenset(name for name, count in names.items() if count > 1 == len(names))
    if worksheet is not None:
        if reading.preset != "moodle":
            raise CourseError(
                f"--worksheet is for a download of Moodle, and {download.name} is read as "
                f"{reading.preset}."
            )
        found = _by_worksheet(
            attempts, read_moodle_class(worksheet, roster), worksheet, roster, made
        )
    else:
        made.earlier = cache(partial(_known_earlier, course, lessons))  # read where it is asked for
        made.submitted = course.step_folder("submitted")
        dates = read_dates(course.root)
        zone = ZoneInfo(dates.timezone) if dates is not None else None
        found = _found(attempts, _owners(reading.claims, contents, made), roster, made, zone)
        made.hint = HOW if reading.preset == "moodle" else made.hint
    placed = list(found)
    if made.unmatched and _are_names_missing(attempts, roster):
        made.hint = f"{ROSTER} has nobody's name: call its columns first_name and last_name."
    before: dict[str, Manifest] = {}
    others = _of_all(attempts, lessons, made.preset)
    for claims in _newest(placed, made):
        _place(claims, lesson, others, lessons, course, made, before)
    made.arrivals.sort(key=lambda arrival: (arrival.lesson, arrival.student))
    _set_aside(made, not_ours(course.root))
    return made


def _set_aside(made: Plan, nobodys: NotOurs) -> None:
    """What belongs to nobody of the course is no trouble, and what somebody who has left hands in is not taken.

    (Who has a line in the list of the class has left only by their id: others may be called so.)
    """
    for trouble in (made.ambiguous, made.unmatched):
        made.not_ours += [one for one in trouble if nobodys.says(one.label)]
        trouble[:] = [one for one in trouble if not nobodys.says(one.label)]
    made.not_ours += [Unplaced(one.path, one.why) for one in made.refused if nobodys.says(one.path)]
    made.refused = [one for one in made.refused if not nobodys.says(one.path)]
    gone = [one for one in made.arrivals if one.student in nobodys]
    made.not_ours += [Unplaced(one.student, "handed in, and not taken") for one in gone]
    made.arrivals = [one for one in made.arrivals if one.student not in nobodys]


def _read(
    download: Path, contents: Contents, preset: str | None, pattern: str | None
) -> presets.Reading:
    """Raises `CourseError` for what is no download of an LMS."""
    if contents.refused and not contents.entries:
        each = [f"{shown(one.path)}: {one.why}" for one in contents.refused]
        raise CourseError(f"{download}: nothing in it was taken. {first_of(each, 3, '. ')}.")
    try:
        reading = presets.read([entry.path for entry in contents.entries], preset, pattern)
    except CourseError as error:
        if inner := only_archive(contents):
            raise CourseError(
                f"{download} holds nothing but another archive, {shown(inner)}; unpack it and name that."
            ) from None
        raise CourseError(f"{download}: {error}") from None
    if all(PurePosixPath(one.file).name in _SENT_BACK for one in reading.claims.values()):
        raise CourseError(
            f"{download} holds what goes back to students ({', '.join(sorted(_SENT_BACK))}) and no "
            "submission; name the zip (or folder) that the LMS gave you."
        )
    return reading


@dataclass(frozen=True)
class _Attempt:
    """The files of one attempt, by their path in the submission."""

    claim: Claim
    files: Mapping[str, Entry]
    student: str = ""


def _attempts(claims: Mapping[str, Claim], contents: Contents, made: Plan) -> list[_Attempt]:
    entries = {entry.path: entry for entry in contents.entries}
    files: dict[str, dict[str, Entry]] = defaultdict(dict)
    first: dict[str, Claim] = {}
    twofold: dict[str, str] = {}
    for path, claim in claims.items():
        if claim.skip:
            if claim.file != GRADESCOPE_METADATA:
                made.skipped.append(Refused(shown(path), claim.skip))
            continue
        known = first.setdefault(claim.attempt, claim)
        if claim.file.endswith(".ipynb") and not known.file.endswith(".ipynb"):
            first[claim.attempt] = claim  # feedback comes back beside the notebook
        newest = max(known.rank, claim.rank)  # of several attachments
        first[claim.attempt] = replace(first[claim.attempt], rank=newest)
        there = files[claim.attempt].setdefault(claim.file, entries[path])
        if not _alike(there, entries[path]):
            twofold[claim.attempt] = claim.file
    for attempt, name in twofold.items():
        # Canvas lets a student hand in two files of one name; which of them counts is not ours to say.
        why = f"two different files are called {shown(name)}; unpack, keep one, collect the folder"
        made.ambiguous.append(Unplaced(_label(first[attempt].who), why))
    return [_Attempt(first[one], found) for one, found in files.items() if one not in twofold]


def _alike(one: Entry, other: Entry) -> bool:
    try:
        return one is other or (one.size == other.size and one.read() == other.read())
    except Damaged:
        return False


def _not_of_another_lesson(
    attempts: Sequence[_Attempt], lesson: str, lessons: Sequence[str], download: Path
) -> None:
    """Raises `CourseError` when several have handed in another lesson, and nobody this one."""
    of = [name for attempt in attempts if (name := _lesson_of(attempt.files, lessons))]
    if len(of) > 1 and lesson not in of:
        others = " and ".join(dict.fromkeys(of))
        raise CourseError(
            f"{download} holds notebooks of {others} and none of {lesson}; name the right zip, or the right "
            "lesson."
        )


def _are_names_missing(attempts: Sequence[_Attempt], roster: Sequence[Student]) -> bool:
    """Whether the LMS tells names, and the list of the class has none that could be read."""
    told = any("name" in attempt.claim.who for attempt in attempts)
    return told and bool(roster) and not any(student.name for student in roster)


def _label(who: Mapping[str, str]) -> str:
    return shown(who.get("name") or next(iter(who.values()), "?"))


def _owners(
    claims: Mapping[str, Claim], contents: Contents, made: Plan
) -> dict[str, list[dict[str, str]]]:
    """Gradescope: number of a submission -> the people who handed it in."""
    paths = [path for path, claim in claims.items() if claim.file == GRADESCOPE_METADATA]
    if made.preset == "gradescope" and not paths:
        made.hint = (
            f"{made.download.name} has no {GRADESCOPE_METADATA}, which says who handed in what: take the "
            "whole zip that Gradescope gave you (Review Grades, Export Submissions)."
        )
    found: dict[str, list[dict[str, str]]] = {}
    for entry in contents.entries:
        if entry.path not in paths:
            continue
        for name, facts in _metadata(entry, made).items():
            if not isinstance(facts, dict):
                continue  # that submission is then nobody's, and is named
            number = str(name).removeprefix("submission_")
            found[number] = [
                {
                    kind: str(person[key])
                    for kind, key in (("name", "name"), ("sis", "sid"), ("email", "email"))
                    if person.get(key)
                }
                | ({"when": str(facts["created_at"])} if facts.get("created_at") else {})
                for person in _listed(facts.get("submitters"))
                if isinstance(person, dict)
            ]
    return found


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _metadata(entry: Entry, made: Plan) -> dict[Any, Any]:
    """Raises `CourseError` for a list of Gradescope that says nothing of anybody."""
    try:
        if entry.size > MAX_METADATA:
            raise Damaged(f"it has {entry.size >> 20} MiB")
        # Ruby writes its symbols as keys, which YAML readers of other languages refuse in braces.
        text = _SYMBOL.sub(r"\1\2:", entry.read().decode("utf-8", "replace"))
        data = yaml.safe_load(text)
        if not isinstance(data, dict):
            raise Damaged("it is no list of submissions")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = visible.line(yaml_trouble(error))
        raise CourseError(
            f"{entry.path} in {made.download.name} says who handed in what, and cannot be read "
            f"({why}); download from Gradescope again."
        ) from None
    return data


def _found(
    attempts: Sequence[_Attempt],
    owners: Mapping[str, list[dict[str, str]]],
    roster: Sequence[Student],
    made: Plan,
    zone: tzinfo | None,
) -> Iterator[_Attempt]:
    """Every attempt with its student; once for each of a group.

    `zone`: of times that come without one, by which lessons are due; None for this machine's.
    """
    for attempt in attempts:
        submission = attempt.claim.who.get("submission")
        people = [attempt.claim.who] if submission is None else owners.get(submission, [{}])
        for who in people or [{}]:
            student = _student(who, attempt, roster, made)
            if student is not None:
                text = who.get("when", "")
                when = attempt.claim.when or _time(text)
                unread = attempt.claim.unread or ("" if when else text)
                if when is not None and when.tzinfo is None and zone is not None:
                    when = when.replace(tzinfo=zone)
                known = {**attempt.claim.who, **who}
                claim = replace(attempt.claim, who=known, when=when, unread=unread)
                yield replace(attempt, claim=claim, student=student)


def _by_worksheet(
    attempts: Sequence[_Attempt],
    known: MoodleClass,
    worksheet: Path,
    roster: Sequence[Student],
    made: Plan,
) -> Iterator[_Attempt]:
    """Moodle's attempts with their students, as its worksheet names them."""
    people, strange = People(roster), 0
    for attempt in attempts:
        name, number = attempt.claim.who.get("name"), attempt.claim.who.get("participant")
        label = shown(name or f"participant {number}")
        try:
            claims = known.behind(attempt.claim)
        except NotThere as error:
            strange += 1
            made.unmatched.append(Unplaced(label, str(error)))
            continue
        for claim in claims:
            who = claim.who.get("name") or f"participant {claim.who['participant']}"
            one = label if len(claims) == 1 else f"{label}, {shown(who)}"
            try:
                student = people.find(claim.who)
            except Several as error:
                made.ambiguous.append(Unplaced(one, str(error)))
                continue
            if student is None:
                hidden = claim.who.keys() == {"participant"}
                why = _BLIND if hidden else NOBODY
                made.unmatched.append(Unplaced(one, why, find(claim.who, roster).near))
            else:
                yield replace(attempt, claim=claim, student=student)
    if attempts and strange == len(attempts):
        raise CourseError(
            f"{worksheet} knows none of the {strange} submissions: is it the worksheet of another "
            "assignment, or of one group only? (The numbers in it are of one assignment alone.)"
        )


def _newest(attempts: Sequence[_Attempt], made: Plan) -> Iterator[_Attempt]:
    """The newest attempt of each student."""
    newest: dict[str, list[_Attempt]] = defaultdict(list)
    for attempt in attempts:
        newest[attempt.student].append(attempt)
    for student, found in newest.items():
        found.sort(key=lambda attempt: attempt.claim.rank)
        if len({attempt.claim.attempt for attempt in found}) > 1:
            several = f"there are {len(found)} submissions and "
            if not found[0].claim.rank:
                why = f"{several}no times to choose by; unpack, keep one, collect the folder"
                made.ambiguous.append(Unplaced(student, why))
                continue
            if found[-1].claim.rank == found[-2].claim.rank:
                made.ambiguous.append(Unplaced(student, f"{several}the newest are of one time"))
                continue
        yield found[-1]


def _student(
    who: Mapping[str, str], attempt: _Attempt, roster: Sequence[Student], made: Plan
) -> str | None:
    label = _label({**attempt.claim.who, **who})
    if not roster:
        own = who.get("id") or who.get("anyhow", "")
        if _ID.fullmatch(own):
            return own
        made.unmatched.append(Unplaced(label, "this cannot be the name of a student's folder"))
        return None
    if made.preset == "moodle" and who.keys() == {"participant"}:
        made.unmatched.append(Unplaced(f"participant {who['participant']}", _BLIND))
        return None
    match = find(who, roster)
    if match.student is not None:
        return match.student.id
    if made.preset == "moodle" and who.get("name") in made.shared_names and not match.ambiguous:
        made.unmatched.append(Unplaced(f"participant {who['participant']}", _BLIND))
        return None
    if match.near and match.ambiguous and (sorted_out := _put_by_hand(match.near, attempt, made)):
        return sorted_out
    if match.ambiguous:
        of = attempt.claim.prefix.strip("/ -_")
        which = f"{shown(of)}: " if match.near and of else ""  # they have one label
        made.ambiguous.append(Unplaced(label, which + match.ambiguous, match.near))
    else:
        why = NOBODY + (_was(who, roster, made) if who else ", as Gradescope names none for it")
        made.unmatched.append(Unplaced(label, why, match.near))
    return None


def _put_by_hand(namesakes: Sequence[str], attempt: _Attempt, made: Plan) -> str | None:
    """Who of them has this very notebook already: a person has sorted that out."""
    books = [entry for name, entry in attempt.files.items() if _may_hold_a_notebook(name)]
    having = [
        who
        for who in namesakes
        if made.submitted is not None
        and any(_lies_in(made.submitted / who, entry) for entry in books)
    ]
    return having[0] if len(having) == 1 else None


def _lies_in(folder: Path, entry: Entry) -> bool:
    return any(
        path.is_file() and path.stat().st_size == entry.size and _holds(path, entry)
        for path in folder.rglob("*")
        if _may_hold_a_notebook(path.name)
    )


def _known_earlier(course: Course, lessons: Sequence[str]) -> dict[tuple[str, str], str]:
    """By which numbers and logins of an LMS a student was known when something was collected."""
    found: dict[tuple[str, str], str] = {}
    for lesson in lessons:
        with suppress(CourseError):  # a damaged one is said when it is needed
            for student, one in read_manifest(course, lesson).students.items():
                numbers = {(k, v) for k, v in one.who.items() if k not in _OF_MANY}
                found |= dict.fromkeys(numbers, student)
    return found


def _was(who: Mapping[str, str], roster: Sequence[Student], made: Plan) -> str:
    """Who had these numbers before: a name may have changed, in the LMS or in the list."""
    earlier = made.earlier()
    student = next((earlier[one] for one in who.items() if one in earlier), None)
    if student is None:
        return ""
    if any(one.id == student for one in roster):
        return (
            f", but was {student} when it was collected before: put this name there if it is theirs"
        )
    return f"; was {student} when it was collected before, who is not in it any more"


def _time(text: str) -> datetime | None:
    """`2026-11-20 22:58:01.12 Z`"""
    try:
        return datetime.fromisoformat(text.strip().replace(" Z", "+00:00"))
    except ValueError:
        return None


def _place(
    attempt: _Attempt,
    lesson: str | None,
    others: str | None,
    lessons: Sequence[str],
    course: Course,
    made: Plan,
    before: dict[str, Manifest],
) -> None:
    """`others`: the lesson of all others. `before`: the manifests that were read already."""
    files, inside = (
        _below_lesson(attempt.files, lessons) if lesson is None else (attempt.files, None)
    )
    told = (
        lesson
        or inside
        or _lesson_of(files, lessons)
        or _lesson_of({made.download.name: None}, lessons)
    )
    lesson = told or others
    if lesson is None:
        names = ", ".join(sorted(map(shown, files))[:3])
        why = f"which lesson is it? ({names}); name it: headcheck collect FILE LESSON"
        made.unmatched.append(Unplaced(attempt.student, why, known=True))
        return
    if made.preset != "plain" and "timestamp.txt" in files:
        # When a submission arrived is for the LMS to say, not for the student.
        files = {name: entry for name, entry in files.items() if name != "timestamp.txt"}
        made.skipped.append(
            Refused(f"{attempt.student}: timestamp.txt", "a student cannot say when it arrived")
        )
    if link := _link(course, attempt.student, lesson):
        why = f"{link} is a link, and links are not followed; put a folder there"
        made.unmatched.append(Unplaced(attempt.student, why, known=True))
        return
    if why := _no_work(course, attempt.student, lesson, files):
        made.unmatched.append(Unplaced(attempt.student, why, known=True))
        return
    files, renamed = _right_name(files, lesson)
    arrival = Arrival(attempt.student, lesson, files, attempt.claim, renamed=renamed)
    arrival = replace(arrival, as_others=told is None)
    if lesson not in before:
        before[lesson] = read_manifest(course, lesson)
    made.arrivals.append(
        replace(arrival, what=_compared(course, made.preset, arrival, before[lesson]))
    )


def _of_all(attempts: Sequence[_Attempt], lessons: Sequence[str], preset: str) -> str | None:
    """The one lesson that several names tell: what an LMS gives out is of one assignment."""
    if preset in ("plain", "pattern"):
        return None
    told = Counter(_lesson_of(attempt.files, lessons) for attempt in attempts)
    del told[None]
    (lesson, count), *more = told.most_common() or [("", 0)]
    return lesson if count > 1 and not more else None


def _link(course: Course, student: str, lesson: str) -> Path | None:
    """What on the way to a submission is a link: grading would not look behind it."""
    own = course.step_folder("submitted") / student
    found = next((path for path in (own, own / lesson) if path.is_symlink()), None)
    return found and found.relative_to(course.root)


def _no_work(course: Course, student: str, lesson: str, files: Mapping[str, object]) -> str:
    """Why what has no notebook does not take the place of what has one; empty where it may.

    Our own feedback, put in by mistake, would be everybody's newest attempt.
    """
    folder = course.step_folder("submitted") / student / lesson
    if any(map(_may_hold_a_notebook, files)):
        return ""
    if not any(_may_hold_a_notebook(path.name) for path in folder.rglob("*")):
        return ""
    shown_names = ", ".join(map(shown, sorted(files)[:3]))
    return (
        f"no notebook in it ({shown_names}), so the earlier one stays; if it is meant, move "
        f"{folder.relative_to(course.root)} away first"
    )


def _may_hold_a_notebook(name: str) -> bool:
    name = name.casefold()
    return ".ipynb" in name or name.endswith(ARCHIVES)


def _below_lesson(
    files: Mapping[str, Entry], lessons: Sequence[str]
) -> tuple[Mapping[str, Entry], str | None]:
    """`ada/05-create-head/...` in a plain tree: the lesson is a folder."""
    tops = {PurePosixPath(name).parts[0] for name in files}
    if len(tops) == 1 and (top := tops.pop()) in lessons and top not in files:
        return {name.partition("/")[2]: entry for name, entry in files.items()}, top
    return files, None


def _lesson_of(files: Mapping[str, object], lessons: Sequence[str]) -> str | None:
    names = [PurePosixPath(file).name for file in files]
    fitting = [
        [one for one in lessons if name.casefold().startswith(one.casefold())] for name in names
    ]
    found = {max(some, key=len) for some in fitting if some}  # 01-double may begin 01-double-again
    return found.pop() if len(found) == 1 else None


def _right_name(files: Mapping[str, Entry], lesson: str) -> tuple[Mapping[str, Entry], str]:
    """Canvas adds `-1` to what is handed in again: that notebook gets its name back."""
    wanted = f"{lesson}.ipynb"
    if wanted in files:
        return files, ""
    again = [name for name in files if without_counter(name) == wanted]
    if len(again) != 1:
        return files, ""
    return {(wanted if name == again[0] else name): e for name, e in files.items()}, again[0]


# ---- what is there already -----------------------------------------------------------------------


def manifest_file(course: Course, lesson: str) -> Path:
    return course.step_folder("submitted") / COLLECTED / f"{lesson}.json"


def read_manifest(course: Course, lesson: str) -> Manifest:
    """What was collected of a lesson; `CourseError` for a damaged file."""
    file = manifest_file(course, lesson)
    try:
        known = Manifest.model_validate_json(file.read_bytes()) if file.exists() else Manifest()
    except ValueError:
        raise CourseError(
            f"{file} is damaged; move it away (feedback then cannot be sent back by it)."
        ) from None
    known.students |= _begun(_journal(course, lesson))
    return known


def _journal(course: Course, lesson: str) -> Path:
    """What a collect has done so far, a line for each; gone when its manifest is written.

    Writing the whole manifest after each submission would be four times the work for twice the class.
    """
    return course.step_folder("submitted") / COLLECTED / f"{lesson}.begun"


def _begun(journal: Path) -> dict[str, Collected]:
    found: dict[str, Collected] = {}
    for line in journal.read_bytes().splitlines() if journal.exists() else ():
        try:
            found |= Manifest.model_validate_json(line).students
        except ValueError:
            break  # the line during which that collect was ended
    return found


def _compared(course: Course, preset: str, arrival: Arrival, manifest: Manifest) -> What:
    folder = course.step_folder("submitted") / arrival.student / arrival.lesson
    if not folder.exists():
        return "new"
    before = manifest.students.get(arrival.student)
    rank = arrival.claim.rank
    # Each LMS counts in its own way.
    if before is not None and before.preset == preset and rank and rank < before.rank:
        return "older"
    own = _digest(arrival)
    if before is not None and before.digest == own:
        return "same"
    if before is not None and own in before.replaced and not rank and preset != "plain":
        return "replaced"
    # Put there by hand, or by a collect that ended before it could remember.
    ours = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    ours.pop("timestamp.txt", None)
    there = ours.keys() == arrival.files.keys() and all(
        _holds(path, arrival.files[name]) for name, path in ours.items()
    )
    return "same" if there else "newer"


def _holds(path: Path, entry: Entry) -> bool:
    try:
        return path.read_bytes() == entry.read()
    except Damaged:
        return False


def _digest(arrival: Arrival) -> str:
    parts: list[bytes | str] = []
    for name, entry in sorted(arrival.files.items()):
        try:
            parts += [name, entry.read()]
        except Damaged as error:
            parts += [name, str(error)]
    return digest(parts)


# ---- carrying it out -----------------------------------------------------------------------------


@contextmanager
def one_at_a_time(course: Course) -> Iterator[None]:
    """From the plan to its end: what two people collect at the same time comes one after the other."""
    course.share()
    course.private.mkdir(exist_ok=True)
    with FileLock(course.private / "collecting.lock", mode=0o666):
        yield


def carry_out(course: Course, made: Plan, now: datetime) -> Iterator[Refused]:
    """Write every arrival that is new or newer; what turns out damaged is yielded and left out."""
    for lesson in dict.fromkeys(arrival.lesson for arrival in made.arrivals):
        manifest, journal = read_manifest(course, lesson), _journal(course, lesson)
        _settle(course, lesson, manifest)
        journal.parent.mkdir(parents=True, exist_ok=True)
        for arrival in (one for one in made.arrivals if one.lesson == lesson):
            if arrival.left:
                continue
            if arrival.what != "same":
                yield from _write(course, arrival, now)
            known = _remembered(made, arrival, now, manifest.students.get(arrival.student))
            done = Manifest(students={arrival.student: known})
            manifest.students |= done.students
            # After each: whatever ends the command, what was written is known.
            with naming(journal), journal.open("ab") as file:
                file.write(done.model_dump_json().encode() + b"\n")
        _settle(course, lesson, manifest)


def _settle(course: Course, lesson: str, manifest: Manifest) -> None:
    """The manifest holds all that the journal held."""
    if _journal(course, lesson).exists():
        write_manifest(course, lesson, manifest)


def write_manifest(course: Course, lesson: str, manifest: Manifest) -> None:
    """All that is known of a lesson now, also from a collect that was ended."""
    write_whole(manifest_file(course, lesson), manifest.model_dump_json(indent=1).encode())
    _journal(course, lesson).unlink(missing_ok=True)


def _write(course: Course, arrival: Arrival, now: datetime) -> Iterator[Refused]:
    root = course.step_folder("submitted")
    folder = root / arrival.student / arrival.lesson
    arriving = root / ARRIVING / arrival.student / arrival.lesson
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir(parents=True)
    for name, entry in arrival.files.items():
        try:
            data = entry.read()
        except Damaged as error:
            yield Refused(shown(f"{arrival.student}: {name}"), str(error))
            continue
        target = arriving / name
        try:
            write_whole(target, data)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            why = "another file has the name of its folder"
            yield Refused(shown(f"{arrival.student}: {name}"), why)
    if arrival.claim.when is not None and "timestamp.txt" not in arrival.files:
        stamp = arrival.claim.when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        write_whole(arriving / "timestamp.txt", f"{stamp}\n".encode())
    if folder.exists():
        aside = aside_of(course, arrival.student, arrival.lesson, now)
        aside.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(aside)
    folder.parent.mkdir(parents=True, exist_ok=True)
    arriving.rename(folder)
    remove_empty(arriving.parent, root)


def aside_of(course: Course, student: str, lesson: str, when: datetime) -> Path:
    """Where a submission goes that is replaced at that time."""
    return course.step_folder("submitted") / EARLIER / student / lesson / f"{when:%Y%m%d-%H%M%S-%f}"


def remove_empty(folder: Path, root: Path) -> None:
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _remembered(made: Plan, arrival: Arrival, now: datetime, before: Collected | None) -> Collected:
    claim, own = arrival.claim, _digest(arrival)
    replaced = [] if before is None else [*before.replaced, before.digest]
    return Collected(
        preset=made.preset,
        download=made.download.name,
        prefix=claim.prefix,
        who={kind: value for kind, value in claim.who.items() if kind != "when"},
        attempt=claim.attempt,
        rank=claim.rank,
        late=claim.late,
        when=claim.when,
        digest=own,
        collected=now,
        replaced=[one for one in dict.fromkeys(replaced) if one != own],
    )


def options(
    lesson: str | None, preset: str | None, pattern: str | None, worksheet: Path | None
) -> list[str]:
    """The arguments of `headcheck collect` after the download, to be typed again anywhere."""
    named = {
        "--preset": preset,
        "--pattern": pattern,
        "--worksheet": worksheet and str(worksheet.resolve()),
    }
    given = [part for name, value in named.items() if value for part in (name, value)]
    return [*([lesson] if lesson else []), *given]


def label_of(arrival: Arrival) -> str:
    """How it is called while it has no place."""
    return _label(arrival.claim.who)


def late_without_time(made: Plan) -> list[Arrival]:
    """What the LMS calls late without saying how late."""
    return [one for one in made.arrivals if one.claim.late and one.claim.when is None]


def as_data(made: Plan) -> dict[str, Any]:
    """The plan as plain data, for scripts."""
    return {
        "preset": made.preset,
        "matched": [
            {
                "student": one.student,
                "assignment": one.lesson,
                "what": one.what,
                "files": sorted(one.files),
                "late": one.claim.late,
                "when": one.claim.when.isoformat() if one.claim.when else None,
            }
            for one in made.arrivals
        ],
        "ambiguous": [vars(one) for one in made.ambiguous],
        "unmatched": [vars(one) for one in made.unmatched],
        "refused": [vars(one) for one in made.refused],
        "skipped": [vars(one) for one in made.skipped],
        "not_ours": [vars(one) for one in made.not_ours],
    }
