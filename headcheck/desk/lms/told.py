"""What `headcheck collect` shows: one table of everything, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headcheck.course.counted import counted, first_of
from headcheck.course.dates import DATES, Dates
from headcheck.course.not_ours import NOT_OURS
from headcheck.desk.lms.archive import Refused
from headcheck.desk.lms.collect import NOBODY, Arrival, Plan, Unplaced, late_without_time

_WHAT = {
    "new": "new",
    "newer": "newer attempt; the earlier one is kept aside",
    "same": "there already",
    "older": "older than what is there; not taken",
    "replaced": "what is there came after it; not taken",
}
_SKIPPED = 3  # files that are nobody's work, mostly
_MOST = 30  # rows of one kind of trouble; all of them are in --json


def show_plan(plan: Plan, *, roster: Collection[str], dates: Dates | None) -> None:
    """The plan as a table: what goes where, then what has no place, and why.

    `roster`: the ids of the class. `dates`: our own, by which late work may lose points.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, 140))
    table = Table("student", "lesson", "files", "handed in", "", title_justify="left")
    table.title = f"{escape(plan.download.name)}, read as {plan.preset}"
    zone = ZoneInfo(dates.timezone) if dates is not None else None
    for arrival in plan.arrivals:
        table.add_row(*map(escape, _row(arrival, zone)))
    if plan.arrivals:
        console.print(table)
    _trouble(console, "Not clear who", map(_unplaced, plan.ambiguous))
    for title, known in (("Nobody found", False), ("Not taken", True)):
        _trouble(console, title, (_unplaced(one) for one in plan.unmatched if one.known == known))
    _trouble(console, "Refused", map(_refused, plan.refused))
    if plan.hint and (plan.ambiguous or plan.unmatched):
        console.print(escape(plan.hint), soft_wrap=True)
    if any(one.why.startswith(NOBODY) for one in plan.unmatched):
        console.print(f"  (Somebody left, or it is a test? Write that name into {NOT_OURS}.)")
    if back := [one for one in plan.arrivals if one.what == "replaced"]:
        console.print(
            f"Collected before and replaced since, so {escape(plan.download.name)} seems to be the older "
            f"download: {escape(_names(back))}. Whoever went back to their earlier file: move what is there "
            f"(submitted/{escape(back[0].student)}/{escape(back[0].lesson)}) away, and collect again.",
            soft_wrap=True,
        )
    if plan.not_ours:
        nobodys = first_of([one.label for one in plan.not_ours], _MOST)
        console.print(f"Left alone, as {NOT_OURS} says: {escape(nobodys)}", soft_wrap=True)
    if plan.skipped:
        console.print(
            counted(len(plan.skipped), "file is no submission", "files are no submissions")
            + f": {escape(first_of(map(_refused, plan.skipped), _SKIPPED, '; '))}.",
            soft_wrap=True,
        )
    if dates is not None and dates.late is not None:
        late = [one for one in late_without_time(plan) if one.lesson in dates.due]
        if late:
            console.print(
                f"Late by the LMS, which does not say how late: {escape(_names(late))}. {DATES} takes "
                "nothing off for them; let the LMS do it (docs/lms.md).",
                soft_wrap=True,
            )
    if any(one.claim.when and one.claim.when.tzinfo is None for one in plan.arrivals):
        console.print(
            f"The times handed in name no time zone and are read in this machine's, "
            f"{datetime.now().astimezone():%Z (UTC%z)}; `timezone` in {DATES} says another.",
            soft_wrap=True,
        )
    unread = [one for one in plan.arrivals if one.claim.unread]
    if unread:
        console.print(
            f"When they were handed in cannot be read ({escape(unread[0].claim.unread)!r}), so no time is "
            f"recorded and they count as in time: {escape(_names(unread))}. Have the LMS write times in "
            "English, German, French or Spanish (with --pattern: 2026-11-20T23:58) and download "
            f"{escape(plan.download.name)} again.",
            soft_wrap=True,
        )
    counts = {
        "matched": len(plan.arrivals),
        "ambiguous": len(plan.ambiguous),
        "unmatched": len(plan.unmatched),
        "refused": len(plan.refused),
    }
    said = ", ".join(f"{number} {name}" for name, number in counts.items())
    here = {arrival.student for arrival in plan.arrivals}
    here |= {one.label for one in (*plan.ambiguous, *plan.unmatched)}  # with an id, if it is known
    missing = len([who for who in roster if who not in here])
    absent = counted(missing, "of the class is", "of the class are")
    console.print(f"{said}." + (f" {absent} not in it." if missing else ""))


def _names(arrivals: Sequence[Arrival]) -> str:
    return first_of([one.student for one in arrivals], _MOST)


def _row(arrival: Arrival, zone: tzinfo | None) -> tuple[str, str, str, str, str]:
    """`zone`: by whose clock lessons are due; None for this machine's."""
    when = arrival.claim.when
    if when is not None and when.tzinfo is not None:  # Gradescope's are UTC
        when = when.astimezone(zone)
    handed_in = when.strftime("%Y-%m-%d %H:%M") if when else ""
    late = {True: "late", False: "in time", None: ""}[arrival.claim.late]
    notes = [_WHAT[arrival.what]]
    if arrival.as_others:
        notes.append(
            f"of {arrival.lesson}, as the others are ({', '.join(sorted(arrival.files)[:3])})"
        )
    if arrival.renamed:
        notes.append(f"{arrival.renamed} gets its name back")
    files = f"{len(arrival.files)}"
    return (
        arrival.student,
        arrival.lesson,
        files,
        " ".join(part for part in (handed_in, late) if part),
        "; ".join(notes),
    )


def _unplaced(one: Unplaced) -> str:
    near = f"; did you mean {' or '.join(one.near)}?" if one.near else ""
    return f"{one.label}: {one.why}{near}"


def _refused(one: Refused) -> str:
    return f"{one.path}: {one.why}"


def _trouble(console: Console, title: str, lines: Iterable[str]) -> None:
    every = list(lines)
    if not every:
        return
    console.print(f"[bold]{title}[/bold]")
    for line in every[:_MOST]:
        console.print(f"  {escape(line)}", soft_wrap=True)
    if len(every) > _MOST:
        console.print(f"  ... and {len(every) - _MOST} more")
