"""`headcheck feedback`: every student's page, in a bundle for the LMS's bulk upload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from headcheck.course.counted import counted, first_of
from headcheck.course.dates import read_dates
from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.course.roster import Student, read_roster
from headcheck.desk.as_made import shown
from headcheck.desk.feedback import Told, lesson_shown, own_answers, page
from headcheck.desk.lms.bundle import NoPlace, name_for
from headcheck.desk.lms.canvas_api import AGAIN, nothing_sent
from headcheck.desk.lms.canvas_comments import SendTo, Sent, compared
from headcheck.desk.lms.collect import read_manifest
from headcheck.desk.lms.taken_away import taken_away
from headcheck.desk.outbox import place, write_filled, write_folder, zipped
from headcheck.desk.unknown_names import (
    only_known,
    still_ours,
    warn_of_other_spellings,
    warn_of_unknown_names,
    warn_of_who_has_not_left,
)
from headcheck.desk.visible import line
from headcheck.desk.went_out import (
    remember,
    remember_sent,
    warn_of_a_grading,
    warn_of_impossible_marks,
)
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.marks import Marked, read_marks
from headcheck.grading.not_yet import not_yet
from headcheck.grading.openness import still_open
from headcheck.grading.record import load_record

_MOST = 20  # names said of one kind
CLICKS = {
    "canvas": "Canvas: the assignment, Upload Submissions. Canvas shows each page under the name of the "
    "file that was handed in. Uploading twice makes two comments.",
    "moodle": "Moodle: the assignment, Submissions, Upload multiple feedback files in a zip. Students are "
    "told at once unless a marking workflow holds it.",
    "sakai": "Sakai: the assignment, Upload All, with Feedback Attachments ticked.",
    "folders": "One folder for each student.",
}


@dataclass
class Bundle:
    """The pages of one lesson, and whoever has none."""

    lesson: str
    target: Path
    marks: dict[str, Marked] = field(default_factory=dict)
    pages: dict[str, bytes] = field(default_factory=dict)  # student -> page
    files: dict[str, bytes] = field(default_factory=dict)  # name in the LMS -> page
    open: dict[str, str] = field(default_factory=dict)  # student -> why the mark is not final
    held: list[str] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)  # student -> what is not graded yet
    nowhere: dict[str, str] = field(default_factory=dict)  # student -> why there is no place


def feedback_command(
    course: Course,
    assignments: Sequence[str],
    students: Sequence[str],
    *,
    lms: str,
    hold_back: bool,
    penalty: bool,
    to: Path | None,
    dry_run: bool,
    send: SendTo | None = None,
) -> int:
    """Make and write the bundles, or send the pages, and say what became of them; the exit code."""
    lessons = course.select(assignments)
    if send is not None:
        if len(lessons) != 1 or to is not None or lms not in ("canvas", "folders"):
            raise CourseError("--send goes to Canvas, with one assignment and without --output.")
        dry_run = dry_run or not send.really
    roster = {student.id: student for student in read_roster(course.root)}
    dates = read_dates(course.root)
    bundles = []
    warn_of_a_grading(course)
    with closing(ClassGradebook(course)) as gradebook:
        gradebook.settle(dates, keep=not dry_run)
        warn_of_other_spellings(course, roster.values())
        warn_of_who_has_not_left(course, [*roster.values()])
        known = gradebook.students() | roster.keys()
        if dates is not None:
            warn_of_unknown_names(course, dates, known)
        only_known(students, known)
        asked = set(students) or {*still_ours(course, known)}
        for lesson in lessons:
            marks = read_marks(gradebook, lesson.name)
            gone = taken_away(course, lesson.name, marks)
            wanted = {s: m for s, m in sorted(marks.items()) if s in asked and s not in gone}
            warn_of_impossible_marks(lesson.name, wanted)
            if wanted:
                sources = gradebook.sources(lesson.name, lesson.name) or {}
                told = Told(dates.timezone if dates else "UTC", penalty)
                bundle = Bundle(lesson.name, _target(course, lesson.name, lms, students, to))
                bundle.marks |= wanted
                texts = [source for source, _ in sources.values()]
                bundle.waiting |= {who: why for who, why in gone.items() if who in asked}
                bundle.waiting |= not_yet(course, lesson.name, asked, marks)
                _fill(bundle, lesson, wanted, roster, texts, told, hold_back)
                bundles.append(bundle)
    if not bundles:
        raise CourseError(
            "nothing of this is graded yet, so there is no feedback; run `headcheck grade`."
        )
    if to is not None and len(bundles) > 1:
        raise CourseError("--output names one place; name one assignment, too.")
    if send is not None:
        again = _again(course, bundles[0], [], lms, hold_back, penalty, to)
        return _send(course, bundles[0], send, again, penalty=penalty, dry_run=dry_run)
    for bundle in bundles:
        _name(bundle, course, lms)
        if not dry_run and bundle.files:
            _write(course, bundle, lms, add=bool(students), named=to is not None)
            went = {who: bundle.marks[who] for who in bundle.pages if who not in bundle.nowhere}
            add = bool(students) and lms == "folders"  # then the rest of the folder is of others
            again = _again(course, bundle, [] if add else students, lms, hold_back, penalty, to)
            remember(
                course,
                bundle.target,
                {bundle.lesson: went},
                again,
                words=True,
                penalty=penalty,
                without={bundle.lesson: asked - went.keys() - bundle.nowhere.keys()},
                add=add,
            )
        for said in _told(bundle, lms, dry_run):
            print(said)
    if dry_run:
        print("Nothing was written (--dry-run).")
    return 1 if any(bundle.nowhere for bundle in bundles) else 0


def _again(
    course: Course,
    bundle: Bundle,
    students: Sequence[str],
    lms: str,
    hold_back: bool,
    penalty: bool,
    to: Path | None,
) -> list[str]:
    """What makes this bundle anew, as it is typed in the course directory."""
    words = ["feedback", bundle.lesson]
    words += ["--for", lms] if lms != "folders" else []
    words += [word for who in students for word in ("--student", who)]
    words += ["--hold-back"] if hold_back else []
    words += [] if penalty else ["--without-penalty"]
    return words if to is None else [*words, "--output", shown(course, to)]


def _target(
    course: Course, lesson: str, lms: str, students: Sequence[str], to: Path | None
) -> Path:
    if lms == "folders":
        return place(course, f"feedback-{lesson}", to)
    few = "-" + "-".join(students)[:60].replace("/", "_") if students else ""
    return place(course, f"feedback-{lesson}-{lms}{few}.zip", to)


def _fill(
    bundle: Bundle,
    lesson: Lesson,
    marks: dict[str, Marked],
    roster: dict[str, Student],
    sources: Sequence[str],
    told: Told,
    hold_back: bool,
) -> None:
    course = lesson.course
    shown = lesson_shown(lesson, sources)
    for who, marked in marks.items():
        if hold_back and who in bundle.waiting:
            bundle.held.append(who)
            continue
        still = still_open(marked)
        if not still.final:
            bundle.open[who] = still.said()
            if hold_back:
                bundle.held.append(who)
                continue
        record = load_record(course, who, lesson.name)
        own = own_answers(course, marked)
        student = roster.get(who, Student(who))
        bundle.pages[who] = page(shown, marked, record, student, own, told).encode()


def _name(bundle: Bundle, course: Course, lms: str) -> None:
    """Each page gets the name by which the LMS finds its student, if there is one."""
    manifest = read_manifest(course, bundle.lesson).students
    for who, text in bundle.pages.items():
        try:
            bundle.files[name_for(lms, who, manifest.get(who))] = text
        except NoPlace as error:
            bundle.nowhere[who] = str(error)


def _send(
    course: Course,
    bundle: Bundle,
    send: SendTo,
    again: Sequence[str],
    *,
    penalty: bool,
    dry_run: bool,
) -> int:
    roster = read_roster(course.root)
    rest = bundle.pages.keys() - {student.id for student in roster}
    known = [*roster, *(Student(who) for who in sorted(rest))]
    sending = compared(bundle.lesson, bundle.pages, known, send, done=not dry_run)
    sent = sending.sent
    if dry_run:
        sending.rehearse()
        _say(sent, bundle)
        print(nothing_sent(len(sent.pages), "page"))
        return 0 if sent.complete else 1
    try:
        sending.send()
    except CourseError as error:
        raise CourseError(f"{error} {AGAIN}") from None
    finally:  # whatever stopped it, what was sent is known
        _say(sent, bundle)
        column = ["--column", send.column] if send.column else []
        remember_sent(
            course,
            f"the pages for {sent.where}",
            {bundle.lesson: {who: bundle.marks[who] for who in [*sent.pages, *sent.same]}},
            [*again, *column, *send.place.options()],
            words=True,
            penalty=penalty,
            without={bundle.lesson: bundle.held},
        )
    return 0 if sent.complete else 1


def _say(sent: Sent, bundle: Bundle) -> None:
    for said in [*sent.told(), *_not_final(bundle), sent.seen_later]:
        if said:
            print(said)


def _write(course: Course, bundle: Bundle, lms: str, *, add: bool, named: bool) -> None:
    if lms == "folders":
        write_folder(course, bundle.target, bundle.files, add=add)
    else:
        write_filled(course, bundle.target, zipped(bundle.files), named=named, strict=False)


def _told(bundle: Bundle, lms: str, dry_run: bool) -> Iterator[str]:
    where = "would go to" if dry_run else "in"
    pages = counted(len(bundle.files), "page")
    yield (
        f"{bundle.lesson}: {pages} {where} {bundle.target}"
        if bundle.files
        else f"{bundle.lesson}: no page"
    )
    if bundle.files or bundle.held:
        yield from _not_final(bundle)
    for why in dict.fromkeys(bundle.nowhere.values()):
        yield f"  no page, {why}: {_names([w for w, said in bundle.nowhere.items() if said == why])}"
    if bundle.files:
        yield f"  {CLICKS[lms]}"


def _not_final(bundle: Bundle) -> Iterator[str]:
    if bundle.held:
        yield f"  held back, their marks are not final: {_names(bundle.held)}"
    elif bundle.open:
        yield f"  not final, and the page says so (--hold-back leaves them out): {_names(list(bundle.open))}"
    for why in dict.fromkeys(bundle.open.values()):
        yield f"    {why}: {_names([who for who, said in bundle.open.items() if said == why])}"
    for why in dict.fromkeys(bundle.waiting.values()):
        yield f"  {why}: {_names(sorted(w for w, said in bundle.waiting.items() if said == why))}"
    if any(who in bundle.pages for who in bundle.waiting):
        yield "    a page there is of what was handed in before (--hold-back leaves it out)"


def _names(students: Sequence[str]) -> str:
    return first_of(map(line, students), _MOST)
