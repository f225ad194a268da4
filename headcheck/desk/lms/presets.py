"""How each LMS names what it gives out: from the path of a file to who handed it in.

The patterns were read from the LMSs' own code (Canvas content_zipper.rb, Moodle downloader.php) and
from several independent parsers (Gradescope, Brightspace, Blackboard, Sakai).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal, get_args

from headcheck.course.directory import CourseError
from headcheck.course.months import MONTH, month_of
from headcheck.course.roster import one_form

Preset = Literal["canvas", "moodle", "gradescope", "brightspace", "blackboard", "sakai", "plain"]
PRESETS: tuple[Preset, ...] = get_args(Preset)


@dataclass(frozen=True)
class Claim:
    """What one path says. `who`: known facts about the student, by kind.

    Kinds: `id` (ours), `anyhow` (whatever a pattern finds: id, number, login, e-mail or name), `canvas`
    (user id), `participant` (Moodle, of this assignment only), `login`, `sis`, `email`, `name`. `file`: the path within the submission. `attempt`: files of one attempt
    share it; `rank` orders the attempts of one student, the largest is the newest.
    """

    who: dict[str, str]
    file: str
    attempt: str
    rank: str = ""
    late: bool | None = None
    when: datetime | None = None  # local time of the LMS, or with a zone
    prefix: str = ""  # what a returned file's name must begin with
    skip: str = ""  # why this file is not wanted, when it is not
    unread: str = ""  # a time that cannot be read, as it stands there


@dataclass
class Reading:
    """A whole download as one preset reads it; `others` did not fit the pattern."""

    preset: str
    claims: dict[str, Claim] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


def read(paths: Iterable[str], preset: str | None, pattern: str | None) -> Reading:
    """Every path as `preset` (or `pattern`) reads it; the preset that fits best when none is named.

    Raises `CourseError` for a pattern that cannot be used, or when nothing fits.
    """
    paths = list(paths)
    if not paths:
        raise CourseError("it holds no file that could be taken: did nobody hand in yet?")
    if pattern is not None:
        reading = _reading("pattern", _by_pattern(pattern), paths)
        if not reading.claims:
            raise CourseError(f"--pattern {pattern!r} fits none of the names, as {paths[0]}.")
        return reading
    if preset is not None:
        reading = _reading(preset, _READERS[preset], paths)
        if reading.claims:
            return reading
    # In this order: a looser pattern also fits what a stricter one reads.
    readings = [_reading(name, _READERS[name], paths) for name in PRESETS]
    best = max(readings, key=lambda reading: len(reading.claims))
    # Any folder fits the last: one odd name decides nothing.
    likely = max(readings[:-1], key=lambda reading: len(reading.claims))
    if 2 * len(likely.claims) > len(paths):
        best = likely
    if preset is not None:
        like = f"; they look like those of {best.preset}" if best.claims else ""
        raise CourseError(f"{preset} does not name files like {paths[0]}{like}.")
    if not best.claims:
        raise CourseError(
            f"no known LMS names files like this ({paths[0]}); say how with --preset or --pattern "
            "(docs/lms.md)."
        )
    return best


def read_one(path: str, preset: str) -> Claim | None:
    """One path as `preset` reads it; None when it fits nothing there."""
    return _READERS[preset](path)


def _reading(name: str, reader: Callable[[str], Claim | None], paths: list[str]) -> Reading:
    reading = Reading(name)
    for path in paths:
        claim = reader(path)
        if claim is None:
            reading.others.append(path)
        else:
            reading.claims[path] = claim
    return reading


# ---- Canvas: flat; the third number is the attachment, there are no times --------------------------

_CANVAS_ANONYMOUS = re.compile(
    r"(?:(?P<late>LATE)_)?anon_(?P<anon>[^_]+)_(?P<att>\d+)_(?P<file>.+)"
)
_CANVAS_TEXT = re.compile(
    r"(?P<name>[^/]*?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<kind>text|link)\.html"
)
_CANVAS_FILE = re.compile(
    r"(?P<name>[^/]*?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<att>\d+)_(?P<file>.+)"
)


def _canvas(path: str) -> Claim | None:
    name = PurePosixPath(path).name
    if found := _CANVAS_ANONYMOUS.fullmatch(name):
        who = {"anonymous": found["anon"]}
        prefix = f"anon_{found['anon']}_{found['att']}_"
    elif found := _CANVAS_TEXT.fullmatch(name):
        who = {"canvas": found["user"], "name": found["name"]}
        what = "text typed into Canvas" if found["kind"] == "text" else "a web address"
        return Claim(who, name, found["user"], late=bool(found["late"]), skip=f"{what}, not a file")
    elif found := _CANVAS_FILE.fullmatch(name):
        who = {"canvas": found["user"], "name": found["name"]}
        prefix = name[: found.start("file")]
    else:
        return None
    # Only the newest attempt of a student is in the zip, and its files have numbers of their own, which
    # only grow: a zip that was downloaded earlier is known by them.
    return Claim(
        who,
        found["file"],
        "_".join(who.values()),
        rank=found["att"].zfill(20),
        late=bool(found["late"]),
        prefix=prefix,
    )


# ---- Moodle: the number is the participant's, of this assignment alone; or a group's, or none --------

_MOODLE = re.compile(
    r"(?:.*/)?(?P<name>[^_/]*)_(?:(?P<pid>\d+)_)?(?P<sub>assign(?:submission|feedback))_"
    r"(?P<plug>file|onlinetext)_?(?:/|(?<=_))(?P<file>.+)"
)
# Blind marking hides names; the words are those of Moodle's language packs.
_BLIND = re.compile(
    r"(?:(?:Particip|Partecip|Partaide|Teilnehm|Deelnem|Deltager|Deltagare|Deltaker|Dalyv|Uczestni|Участник|"
    r"Учасник|Katılımcı)\w*|参加者|参与者|参与人)\W*\w*\s*\d*"
)


def _moodle(path: str) -> Claim | None:
    found = _MOODLE.fullmatch(path)
    if found is None:
        return None
    who = {"participant": found["pid"]} if found["pid"] else {}
    if found["name"].strip() and not _BLIND.fullmatch(found["name"]):
        who["name"] = found["name"].strip()
    skip = ""
    if found["sub"] == "assignfeedback":
        skip = "feedback of ours, not a submission"
    elif found["plug"] == "onlinetext":
        skip = "text typed into Moodle, not a file"
    # Feedback goes back by the number; the group of those who are in none has no number.
    prefix = f"{found['name']}_{found['pid']}_assignsubmission_file_" if found["pid"] else ""
    return Claim(who, found["file"], found["pid"] or found["name"], prefix=prefix, skip=skip)


# ---- Gradescope: folders named after submissions; who they are is in submission_metadata.yml --------

_GRADESCOPE = re.compile(r"(?:[^/]*export[^/]*/)?submission_(?P<sub>\d+)/(?P<file>.+)")
GRADESCOPE_METADATA = "submission_metadata.yml"


def _gradescope(path: str) -> Claim | None:
    if PurePosixPath(path).name == GRADESCOPE_METADATA:
        return Claim({}, GRADESCOPE_METADATA, "", skip="says who handed in what")
    found = _GRADESCOPE.fullmatch(path)
    if found is None:
        return None
    sub = found["sub"]
    return Claim(
        {"submission": sub}, found["file"], sub, rank=sub.zfill(20), prefix=f"submission_{sub}/"
    )


# ---- Brightspace: one folder (or flat prefix) for each attempt, with a local time --------------------

_BRIGHTSPACE = re.compile(
    r"(?:.*/)?(?P<num>\d+-\d+) - (?P<name>.+?) - (?P<when>(?:(?! - )[^/])*?\b20\d\d\b(?:(?! - )[^/])*)"
    r"(?:/| - )(?P<file>.+)"
)
# As the person who downloads has set it: Nov 20, 2026 1158 PM; 20. Nov. 2026 2358; 20.11.2026 2358;
# 20 nov. 2026 23 h 58; 20 de nov. de 2026 1158 p. m.; 2026-11-20 2358.
_BRIGHTSPACE_TIME = re.compile(
    rf"(?:(?P<month1>{MONTH}) (?P<day1>\d\d?), (?P<year1>\d{{4}})"
    rf"|(?P<day2>\d\d?)(?:er|\.)?(?: de)? (?P<month2>{MONTH})(?:,| de)? (?P<year2>\d{{4}})"
    r"|(?P<day3>\d\d?)\.(?P<month3>\d\d?)\.(?P<year3>\d{4})"
    r"|(?P<year4>\d{4})-(?P<month4>\d\d)-(?P<day4>\d\d))"
    r",? (?P<hour>\d\d?)(?: ?[h.] ?)?(?P<minute>\d\d)(?: Uhr)?(?: (?P<half>[ap])\.? ?m\.?)?",
    re.IGNORECASE,
)


def _brightspace(path: str) -> Claim | None:
    found = _BRIGHTSPACE.fullmatch(path)
    if found is None:
        return (
            path.rpartition("/")[2] == "index.html" and Claim({}, path, "", skip="a list")
        ) or None
    when = _brightspace_time(found["when"])
    return Claim(
        {"name": found["name"]},
        found["file"],
        f"{found['num']} {found['when']}",
        rank=when.isoformat() if when else "",
        when=when,
        prefix=path[: found.start("file")],
        unread="" if when else found["when"],
    )


def _brightspace_time(text: str) -> datetime | None:
    """None for a time in a form, or a language, that is not known here."""
    # French and Spanish put narrow blanks around what belongs together.
    found = _BRIGHTSPACE_TIME.fullmatch(" ".join(one_form(text).split()))
    if found is None:
        return None
    year, month, day = (
        next(value for n in "1234" if (value := found[f"{part}{n}"]))
        for part in ("year", "month", "day")
    )
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    try:
        return datetime(
            int(year), month_of(month) or int(month), int(day), hour, int(found["minute"])
        )
    except ValueError:
        return None


# ---- Blackboard: flat; every attempt with its local time, and a text beside it ---------------------

_BLACKBOARD = re.compile(
    # The word is "attempt", in the language of who downloads.
    r"(?:.*/)?(?P<title>[^/]+)_(?P<login>[^_/]+)_[^\W\d_]+_(?P<when>\d{4}(?:-\d\d){5})"
    r"(?:_(?P<file>[^/]+)|(?P<note>\.txt))"
)


def _blackboard(path: str) -> Claim | None:
    found = _BLACKBOARD.fullmatch(path)
    if found is None:
        return None
    who, attempt = {"anyhow": found["login"]}, f"{found['login']} {found['when']}"
    if found["note"]:
        return Claim(who, path, attempt, skip="what Blackboard says of an attempt")
    try:
        when = datetime.strptime(found["when"], "%Y-%m-%d-%H-%M-%S")
    except ValueError:
        return Claim(who, found["file"], attempt, unread=found["when"])
    return Claim(who, found["file"], attempt, rank=when.isoformat(), when=when)


# ---- Sakai: a tree that is uploaded back as it is ----------------------------------------------------

_SAKAI = re.compile(
    r"(?P<title>[^/]+)/(?P<name>[^/]*)\((?P<login>[^()/]+)\)/"
    r"(?:Submission attachment\(s\)/(?P<file>.+)|(?P<other>.+))"
)


def _sakai(path: str) -> Claim | None:
    found = _SAKAI.fullmatch(path)
    if found is None:
        name = path.rpartition("/")[2]
        return (
            Claim({}, path, "", skip="the list of grades") if name.startswith("grades.") else None
        )
    who = {"login": found["login"], "name": found["name"].strip()}
    prefix = f"{found['title']}/{found['name']}({found['login']})/"
    if found["other"]:
        return Claim(who, found["other"], found["login"], prefix=prefix, skip="not an attachment")
    return Claim(who, found["file"], found["login"], prefix=prefix)


# ---- plain folders and patterns of one's own ---------------------------------------------------------


def _plain(path: str) -> Claim | None:
    student, _, rest = path.partition("/")
    if not rest or student.startswith("."):
        return None
    return Claim({"id": student}, rest, student)


def _by_pattern(pattern: str) -> Callable[[str], Claim | None]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise CourseError(f"--pattern {pattern!r} is no regular expression: {error}.") from None
    if "student" not in compiled.groupindex:
        raise CourseError(
            "--pattern needs a group (?P<student>...); it may have (?P<file>...) and "
            "(?P<timestamp>...), too."
        )

    def claim(path: str) -> Claim | None:
        found = compiled.search(path)
        if found is None or not found["student"]:
            return None
        groups = found.groupdict()
        when = _any_time(groups.get("timestamp") or "")
        rank = when.isoformat() if when else groups.get("timestamp") or ""
        file = groups.get("file") or PurePosixPath(path).name
        unread = "" if when else rank
        who, attempt = {"anyhow": found["student"]}, f"{found['student']} {rank}"
        return Claim(who, file, attempt, rank, when=when, unread=unread)

    return claim


def _any_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


_READERS: dict[str, Callable[[str], Claim | None]] = {
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _gradescope,
    "brightspace": _brightspace,
    "blackboard": _blackboard,
    "sakai": _sakai,
    "plain": _plain,
}

_AGAIN = re.compile(
    r"(?:-\d{1,2}|-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}| ?\(\d{1,2}\)|-Copy\d*)$"
)


def without_counter(file: str) -> str:
    """`05-create-head-1.ipynb` (handed in again), `05 (1).ipynb` (downloaded again): the name itself.

    Canvas counts before the first dot: `lesson-1.v2.ipynb`.
    """
    stem, dot, rest = file.partition(".")
    return f"{_AGAIN.sub('', stem)}{dot}{rest}"
