"""When a submission was handed in, from its `timestamp.txt`: surely, or not at all.

nbgrader writes `2026-10-05 17:30:00 UTC`. Other programs and people write many other forms, and a
parser that guesses is hours or months wrong in silence. Only what can be read in one way counts here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WRITE_AS = "2026-10-05 17:30:00 UTC"
FIRST_YEAR, LAST_YEAR = 2015, 2099  # a time outside was misread, or the clock was wrong
LONGEST = 200  # characters of a text that can be a time
LONGEST_STAMP = 8 * LONGEST  # bytes that are looked at


@dataclass(frozen=True)
class HandedIn:
    """`when` in UTC, without tzinfo, as the gradebook keeps it; `note` says what was not sure."""

    when: datetime | None = None
    note: str = ""


class _Unsure(ValueError):
    """Why a text cannot be read in one way only."""


def read_time(data: bytes) -> HandedIn:
    """The time that the bytes of a `timestamp.txt` tell. Never raises."""
    text = _plain(data)
    try:
        when, assumed = _read(text)
    except _Unsure as why:
        shown = text if len(text) <= 40 else f"{text[:39]}…"
        return HandedIn(
            note=f"timestamp.txt cannot be read surely ({shown!r}: {why}); no time is recorded, so "
            f"it counts as handed in on time. Write it as {WRITE_AS} and grade again."
        )
    if assumed:
        shown = f"{when:%Y-%m-%d %H:%M:%S} UTC"
        return HandedIn(
            when, f"timestamp.txt names no time zone ({text[:40]!r}); it was read as {shown}."
        )
    return HandedIn(when)


def _plain(data: bytes) -> str:
    """One line of text: Windows writes UTF-16 or a mark in front, programs write odd spaces, quotes
    and signs that nobody sees."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = data[:LONGEST_STAMP].decode("utf-16" if wide else "utf-8-sig", "replace")
    text = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-")
    seen = "".join(c for c in text if c in "\r\n\t" or unicodedata.category(c)[0] != "C")
    lines = (" ".join(raw.split()).strip("'\"") for raw in seen.splitlines())
    return "\n".join(line for line in lines if line)


# ---- the forms -----------------------------------------------------------------------------------

_MONTHS = "january february march april may june july august september october november december"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
MONTHS = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
DAYS = {name: number for number, name in enumerate(_DAYS.split())}
DAYS |= {name[:3]: number for name, number in DAYS.items()} | {"tues": 1, "thur": 3, "thurs": 3}


def _one_of(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_DAY = rf"(?:(?P<weekday>{_one_of(DAYS)})\.?,? )?"
_MONTH = rf"(?P<month>{_one_of(MONTHS)})\b\.?"
_YEAR_FIRST = r"(?P<y>\d{4})(?P<mark>[-./_])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})"
_DATES = (
    _YEAR_FIRST,
    r"(?P<a>\d{1,2})(?P<mark>[-./])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4}|\d{2})",
    rf"(?P<a>\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]?{_MONTH},?[ -]?(?P<c>\d{{4}}|\d{{2}})",
    rf"(?P<y>\d{{4}})[ -]{_MONTH}[ -](?P<d>\d{{1,2}})",
    rf"{_MONTH} ?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})",
)
_HALF = r"(?: ?(?P<half>[ap])\.?m\b\.?)"
_PART = r"(?:[.,](?P<part>\d{1,9}))?"
_CLOCK = rf"(?P<h>\d{{1,2}}):(?P<min>\d{{2}})(?::(?P<s>\d{{2}}){_PART})?{_HALF}?"
_CLOCKS = (
    _CLOCK,
    r"(?P<h>\d{1,2})\.(?P<min>\d{2})(?:\.(?P<s>\d{2}))?",
    r"(?P<h>\d{1,2})h(?P<min>\d{2})",
    rf"(?P<h>\d{{1,2}}?)(?P<min>\d{{2}})?{_HALF}",
)
_BETWEEN = r"(?:,? (?:at|um) |, |[T _-])"  # "um" is "at" in German
_ZONE = r"(?: uhr)?(?:,? ?(?P<zone>[a-z+-].*))?"
# An ISO hour with an offset looks like these two (`T17-04`), so dashes need seconds or a dash before.
_DASHED = (
    rf"{_YEAR_FIRST}[-_](?P<h>\d{{2}})-(?P<min>\d{{2}})(?:-(?P<s>\d{{2}}))?{_ZONE}",
    rf"{_YEAR_FIRST}[T ](?P<h>\d{{2}})-(?P<min>\d{{2}})-(?P<s>\d{{2}}){_ZONE}",
)
_HMS = rf"(?P<h>\d{{2}})(?P<min>\d{{2}})(?P<s>\d{{2}})?{_PART}"
_COMPACT = (
    rf"(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})[T _-]?{_HMS}{_ZONE}",
    rf"{_YEAR_FIRST}[T _-]{_HMS}{_ZONE}",
)
_DATE_PROGRAM = (
    rf"{_DAY}{_MONTH} (?P<d>\d{{1,2}}) {_CLOCK}(?: (?P<zone>[a-z+-]\S*))? (?P<y>\d{{4}})"
)
_EPOCH = re.compile(r"@?(?P<s>\d{10})(?:\.\d+|\d{3}|\d{6}|\d{9})?", re.ASCII)

Parts = dict[str, str]


def _match(pattern: str, text: str, *, whole: bool = True) -> re.Match[str] | None:
    compiled = re.compile(pattern, re.IGNORECASE | re.ASCII)
    return compiled.fullmatch(text) if whole else compiled.match(text)


def _found(match: re.Match[str]) -> Parts:
    return {name: part.lower() for name, part in match.groupdict().items() if part}


def _readings(text: str) -> Iterator[Parts]:
    """Every way in which a form fits the text."""
    for whole in (*_DASHED, *_COMPACT, _DATE_PROGRAM):
        if match := _match(whole, text):
            yield _found(match)
    for day in _DATES:
        if first := _match(_DAY + day, text, whole=False):
            for clock in _CLOCKS:
                if then := _match(_BETWEEN + clock + _ZONE, text[first.end() :]):
                    yield _found(first) | _found(then)
    for clock in _CLOCKS:
        between = r"(?: (?P<zone>[a-z+-]\S*))?,? (?:on )?"
        if first := _match(clock, text, whole=False):
            for day in _DATES:
                if then := _match(between + _DAY + day, text[first.end() :]):
                    yield _found(first) | _found(then)


def _read(text: str) -> tuple[datetime, bool]:
    """The one time that the text tells, and whether UTC was assumed for want of a zone."""
    if not text:
        raise _Unsure("it is empty")
    if "\n" in text:
        raise _Unsure("it has several lines")
    if len(text) > LONGEST:
        raise _Unsure("it is long")
    if epoch := _EPOCH.fullmatch(text):
        return _in_range(datetime.fromtimestamp(int(epoch["s"]), UTC).replace(tzinfo=None)), False
    bare = re.sub(r" ?\([^()]*\)$", "", text)  # (Central European Summer Time)
    bare = re.sub(
        r"([+-]\d\d:?\d\d|Z)\[[\w/+-]+\]$", r"\1", bare
    )  # Java adds the place: [Europe/Paris]
    found: set[tuple[datetime, bool]] = set()
    problems: list[_Unsure] = []
    for parts in _readings(bare):
        try:
            found.add(_moment(parts))
        except _Unsure as problem:
            problems.append(problem)
    if len(found) == 1:
        return found.pop()
    if found:
        raise _Unsure("two times fit")
    raise problems[0] if problems else _Unsure("no form of date and time that is known here")


# ---- from the parts to a moment ------------------------------------------------------------------


def _moment(parts: Parts) -> tuple[datetime, bool]:
    day = _day(parts)
    hour = int(parts["h"])
    if "half" in parts:
        if not 1 <= hour <= 12:
            raise _Unsure(f"there is no {hour} {parts['half']}m")
        hour = hour % 12 + (12 if parts["half"] == "p" else 0)
    microsecond = int(parts.get("part", "0")[:6].ljust(6, "0"))
    minute, second = int(parts.get("min", 0)), int(parts.get("s", 0))
    try:
        local = datetime(day.year, day.month, day.day, hour, minute, second, microsecond)
    except ValueError:
        raise _Unsure("there is no such time of day") from None
    if "zone" in parts:
        return _in_range(_to_utc(local, _zone(parts["zone"]))), False
    # Year first is how programs write, and nbgrader's own times without a zone are UTC.
    return _in_range(local), "y" not in parts or "month" in parts or "half" in parts


def _in_range(when: datetime) -> datetime:
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise _Unsure(f"the year would be {when.year}")
    return when


def _day(parts: Parts) -> date:
    """The date, when only one fits. Dots put the day first everywhere; dashes and slashes do not."""
    if "y" in parts:
        month = MONTHS[parts["month"]] if "month" in parts else int(parts["m"])
        orders = [(int(parts["y"]), month, int(parts["d"]))]
    else:
        first, last = int(parts["a"]), int(parts["c"])
        short = len(parts["c"]) == 2
        year = last + 2000 if short else last
        if "month" in parts:
            orders = [(year, MONTHS[parts["month"]], first)]
            orders += [(first + 2000, MONTHS[parts["month"]], last)] if short else []
        else:
            second = int(parts["b"])
            orders = [(year, second, first)]
            if parts["mark"] != ".":
                orders += [(year, first, second)]
                orders += [(first + 2000, second, last)] if short else []
    days = sorted({day for order in orders if (day := _date(*order)) is not None})
    if days and "weekday" in parts:
        days = [day for day in days if day.weekday() == DAYS[parts["weekday"]]]
        if not days:
            raise _Unsure(f"that day is no {parts['weekday'].title()}")
    if not days:
        raise _Unsure(f"there is no such day from {FIRST_YEAR} to {LAST_YEAR}")
    if len(days) > 1:
        raise _Unsure(" or ".join(f"{day.day} {day:%B %Y}" for day in days))
    return days[0]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


# Hours ahead of UTC. Left out on purpose: names that two parts of the world use (BST, CST, IST).
_NAMED = {
    **dict.fromkeys(("z", "utc", "gmt", "ut", "wet"), 0.0),
    **dict.fromkeys(("cet", "west", "mez"), 1.0),
    **dict.fromkeys(("cest", "eet", "mesz", "sast"), 2.0),
    **dict.fromkeys(("eest", "idt", "msk", "eat"), 3.0),
    **{"hkt": 8.0, "jst": 9.0, "kst": 9.0, "acst": 9.5, "aest": 10.0, "acdt": 10.5},
    **{"awst": 8.0, "aedt": 11.0, "nzst": 12.0, "nzdt": 13.0},
    **{"est": -5.0, "edt": -4.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0},
    **{"pdt": -7.0, "akst": -9.0, "akdt": -8.0, "hst": -10.0, "nst": -3.5, "ndt": -2.5},
}
_OFFSET = re.compile(r"(?:utc|gmt)? ?(?P<sign>[+-])(?P<h>\d{1,2})(?::?(?P<min>\d{2}))?", re.ASCII)


def _zone(name: str) -> tzinfo:
    name = name.strip(" .,")
    if name in _NAMED:
        return timezone(timedelta(hours=_NAMED[name]))
    if offset := _OFFSET.fullmatch(name):
        minutes = 60 * int(offset["h"]) + int(offset["min"] or 0)
        minutes = -minutes if offset["sign"] == "-" else minutes
        if -12 * 60 <= minutes <= 14 * 60 and minutes % 15 == 0:
            return timezone(timedelta(minutes=minutes))
    if re.fullmatch(r"[a-z_]+(?:/[a-z_-]+){1,2}", name):
        place = "/".join(
            "_".join("-".join(p.capitalize() for p in w.split("-")) for w in part.split("_"))
            for part in name.split("/")
        )
        try:
            return ZoneInfo(place)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise _Unsure(f"{name.upper()} names no one time zone")


def _to_utc(local: datetime, zone: tzinfo) -> datetime:
    ways = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    if len(ways) > 1:
        raise _Unsure("the clocks were changed in that hour")
    return ways.pop().replace(tzinfo=None)
