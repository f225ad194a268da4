"""What became of each student and each row while a table was filled in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from headcheck.course.counted import counted, first_of
from headcheck.course.not_ours import NOT_OURS
from headcheck.course.roster import ROSTER
from headcheck.desk.lms.outgoing import Outgoing, Wishes
from headcheck.desk.lms.people import People, Several
from headcheck.desk.lms.sheet import Row, Sheet, as_number, rounded, written
from headcheck.desk.visible import line

WHO_LEFT = f"Who has left the course: a line in {NOT_OURS}."
TELLS_APART = f"A number, login or e-mail in {ROSTER}, as the LMS has it, says who is who."
_KEPT = ("EX", "N/A")
_MOST = 15


@dataclass
class Filled:
    """One lesson's column. Each list holds (who, why or what)."""

    lesson: str
    rows: list[Row] = field(default_factory=list)  # that hold another mark now
    put: list[tuple[str, str]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)  # whose mark of ours stands there now
    same: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)  # EX, N/A
    skipped: list[tuple[str, str]] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    ambiguous: list[tuple[str, str]] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)  # who may be meant by those
    strangers: list[str] = field(default_factory=list)  # rows of nobody of the class
    unmatched: list[str] = field(default_factory=list)  # of the class, without a row

    @property
    def complete(self) -> bool:
        """Whether every mark of the class has gone where it belongs."""
        return not (self.skipped or self.ambiguous or self.unmatched)

    def told(self, put: str = "filled in") -> Iterator[str]:
        """The summary, line by line. `put`: what becomes of marks that are not there yet."""
        matched = len(self.put) + len(self.same) + len(self.kept) + len(self.skipped)
        matched += len(self.missing)
        yield (
            f"{self.lesson}: {matched} matched, {len(self.ambiguous)} ambiguous, "
            f"{len(self.unmatched)} unmatched, {len(self.skipped)} skipped"
        )
        were = counted(len(self.same), "was", "were")
        yield f"  {counted(len(self.put), 'mark')} {put}, {were} there already"
        changed = [f"{who} {what}" for who, what in self.put if "->" in what]
        yield from _list("replaces marks that the LMS had", changed)
        for title, pairs in (
            ("kept as the LMS has it", self.kept),
            ("skipped", self.skipped),
            ("left as it is", self.missing),
            ("ambiguous, so not filled in", self.ambiguous),
        ):
            for why in dict.fromkeys(why for _, why in pairs):
                yield from _list(f"{title}, {why}", [who for who, said in pairs if said == why])
        if self.ambiguous:
            yield f"    ({TELLS_APART})"
        yield from _list("unmatched: marks of students who have no row there", self.unmatched)
        if self.unmatched:
            yield f"    ({WHO_LEFT})"
        yield from _list("there, and not in the class", self.strangers)


def _list(title: str, names: list[str]) -> Iterator[str]:
    if names:
        sign = "; " if any("," in name for name in names) else ", "  # `Kim, Min` is one
        yield line(f"  {title}: {first_of(names, _MOST, sign)}")


@dataclass(frozen=True)
class Entry:
    """One row of the LMS: who it is of, how it is called, the most points there, why it is closed."""

    row: Row
    who: dict[str, str]
    most: Decimal | None = None
    closed: str = ""

    @property
    def label(self) -> str:
        return self.who.get("name") or self.row.value(0).strip() or "?"


def owners(entries: list[Entry], people: People, filled: Filled) -> dict[str, Entry]:
    """student -> their row; two rows of one student are nobody's."""
    rows: dict[str, list[Entry]] = {}
    for entry in entries:
        try:
            student = people.find(entry.who)
        except Several as error:
            filled.ambiguous.append((entry.label, str(error)))
            filled.unsure |= error.students
            continue
        if student is None:
            filled.strangers.append(entry.label)
        else:
            rows.setdefault(student, []).append(entry)
    for student, found in rows.items():
        if len(found) > 1:
            filled.ambiguous.append((student, f"{len(found)} rows fit"))
            filled.unsure.add(student)
    return {student: found[0] for student, found in rows.items() if len(found) == 1}


def fill(
    sheet: Sheet,
    column: int,
    rows: dict[str, Entry],
    marks: dict[str, Outgoing],
    wishes: Wishes,
    decimal: str,
    filled: Filled,
    *,
    capped: bool,
) -> None:
    """Put every mark into its row. `capped`: the LMS takes no mark over its maximum."""
    gone = {who for who, out in marks.items() if out.mark is not None} - rows.keys()
    filled.unmatched += [who for who in marks if who in gone - filled.unsure]
    lost = [who for who in gone if not marks[who].missing]
    for who, out in marks.items():
        entry = rows.get(who)
        if entry is None:
            continue
        if out.mark is None:
            (filled.missing if out.missing else filled.skipped).append((who, out.why))
            continue
        old = entry.row.value(column).strip()
        mark = rounded(out.mark)
        if wishes.scale and entry.most is not None and out.most:
            mark = rounded(out.mark * float(entry.most) / out.most)
        before = as_number(old)
        if old.upper() in _KEPT:
            filled.kept.append((who, old))
        elif out.missing and lost and before is None:
            # Somebody whose id is another one in students.csv now has work under the earlier one.
            filled.skipped.append((who, "no zero while a mark of somebody else has no row"))
        elif out.missing and before:
            filled.kept.append((who, "a mark though nothing was handed in here"))
        elif entry.closed:
            filled.skipped.append((who, entry.closed))
        elif capped and entry.most is not None and mark > entry.most:
            over = f"{written(mark, '.')} is over the maximum there, {written(entry.most, '.')}"
            filled.skipped.append((who, over))
        elif before is not None and before == mark:
            filled.same.append(who)
            filled.sent.append(who)
        else:
            text = written(mark, decimal)
            sheet.put(entry.row, column, text)
            filled.rows.append(entry.row)
            filled.sent.append(who)
            filled.put.append((who, f"{old} -> {text}" if old not in ("", "-") else text))
