"""`headcheck export`: marks into the LMS's own table, into one long table, or for Gradescope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from headcheck.course.counted import counted
from headcheck.course.dates import Dates, read_dates
from headcheck.course.directory import Course, CourseError
from headcheck.course.roster import Student, read_roster
from headcheck.desk.as_made import shown
from headcheck.desk.feedback import lesson_shown, own_answers
from headcheck.desk.lms.canvas_api import AGAIN, CanvasCourse, Place, nothing_sent
from headcheck.desk.lms.canvas_sheet import CanvasSheet, canvas_sheet, made_from
from headcheck.desk.lms.collect import read_manifest
from headcheck.desk.lms.filled import Entry, Filled, fill, owners
from headcheck.desk.lms.gradescope import results_json
from headcheck.desk.lms.moodle_sheet import HINT, moodle_sheet
from headcheck.desk.lms.outgoing import Outgoing, Wishes, class_of, outgoing
from headcheck.desk.lms.people import People
from headcheck.desk.lms.sheet import (
    marks_spoilt_by_a_spreadsheet,
    read_sheet,
    spoilt_by_a_spreadsheet,
    written,
)
from headcheck.desk.lms.taken_away import taken_away
from headcheck.desk.long_csv import long_csv, rows_of
from headcheck.desk.outbox import place, write_filled, write_folder
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
from headcheck.grading.not_yet import ANEW, not_yet
from headcheck.grading.record import load_record


@dataclass(frozen=True)
class LessonMarks:
    """Everything that is known of one lesson's marks."""

    lesson: str
    most: float
    marks: Mapping[str, Marked]
    out: Mapping[str, Outgoing]
    sources: Mapping[str, str]  # check -> its source, hidden tests included
    waiting: Mapping[str, str]  # who handed in what is not graded yet, and why


@dataclass(frozen=True)
class Known:
    """The class and the lessons that were asked for."""

    course: Course
    class_list: list[Student]  # of students.csv
    students: list[Student]  # who was asked for
    lessons: list[LessonMarks]
    dates: Dates | None


@contextmanager
def known(
    course: Course,
    assignments: Sequence[str],
    students: Sequence[str],
    wishes: Wishes,
    *,
    keep: bool,
) -> Iterator[Known]:
    """The marks, after dates and penalties were brought up to date (`keep`: for good)."""
    lessons = course.select(assignments)
    dates = read_dates(course.root)
    warn_of_a_grading(course)
    with closing(ClassGradebook(course)) as gradebook:
        gradebook.settle(dates, keep=keep)
        roster = read_roster(course.root)
        warn_of_other_spellings(course, roster)
        warn_of_who_has_not_left(course, roster)
        everybody = class_of(roster, gradebook.gb)
        if dates is not None:
            warn_of_unknown_names(course, dates, {student.id for student in everybody})
        only_known(students, {student.id for student in everybody})
        asked = set(students) or {*still_ours(course, [one.id for one in everybody])}
        wanted = [one for one in everybody if one.id in asked]
        found = []
        for lesson in lessons:
            marks = read_marks(gradebook, lesson.name)
            marks = {who: marked for who, marked in marks.items() if who in asked}
            if not marks and not assignments:
                continue  # nobody has handed it in yet
            warn_of_impossible_marks(lesson.name, marks)
            most = max_points(gradebook, lesson.name)
            if most is None:
                raise CourseError(f"{lesson.name} is not built yet; run `headcheck build`.")
            sources = gradebook.sources(lesson.name, lesson.name) or {}
            names = {*marks, *(one.id for one in wanted)}
            waiting = {
                **taken_away(course, lesson.name, marks),
                **not_yet(course, lesson.name, names, marks),
            }
            out = outgoing(wanted, marks, lesson.name, most, dates, wishes, waiting)
            texts = {name: text for name, (text, _) in sources.items()}
            found.append(LessonMarks(lesson.name, most, marks, out, texts, waiting))
        if not found:
            raise CourseError("nothing is graded yet, so no marks go out; run `headcheck grade`.")
        yield Known(course, roster, wanted, found, dates)


def max_points(gradebook: ClassGradebook, lesson: str) -> float | None:
    found = {one.name: float(one.max_score) for one in gradebook.gb.assignments}
    return found.get(lesson)


@dataclass(frozen=True)
class Request:
    """What the command line asks for."""

    to: str
    assignments: Sequence[str] = ()
    students: Sequence[str] = ()
    template: Path | None = None
    column: str | None = None
    output: Path | None = None
    wishes: Wishes = field(default_factory=Wishes)
    dry_run: bool = False
    send_to: Place | None = None  # through Canvas's API instead of into a file
    really: bool = False


def export_command(course: Course, request: Request) -> int:
    """Write what was asked for and say what went where; the exit code."""
    if request.send_to is not None and (request.to != "canvas" or len(request.assignments) != 1):
        raise CourseError("--send goes with --to canvas and one assignment.")
    if request.to not in _TABLES:
        idle = (
            (request.template is not None, "--template"),
            (request.column is not None, "--column"),
            (request.wishes.scale, "--scale"),
        )
        for given, option in idle:
            if given:
                raise CourseError(
                    f"{option} is about an LMS's own table; say which with --to {' or '.join(_TABLES)}."
                )
    if request.column is not None and request.to == "canvas" and len(request.assignments) != 1:
        raise CourseError("--column names one column; name one assignment, too.")
    with known(
        course,
        request.assignments,
        request.students,
        request.wishes,
        keep=not request.dry_run and (request.send_to is None or request.really),
    ) as found:
        if request.send_to is not None:
            return _send(found, request, request.send_to)
        code = _EXPORTS[request.to](found, request)
    if request.dry_run:
        print("Nothing was written (--dry-run).")
    return code


# ---- tables of an LMS ----------------------------------------------------------------------------


def _canvas(found: Known, request: Request) -> int:
    if request.template is None:
        return _without_template(found, request)
    sheet = read_sheet(_there(request.template))
    with _of(request.template):
        table = canvas_sheet(sheet)
        if not table.students:
            raise CourseError(
                "no student is in it, so no mark can go there; in Canvas: Grades, Export, Export Entire "
                "Gradebook."
            )
    spoilt_by_a_spreadsheet(sheet, table.identity, request.template, found.class_list)
    points = [table.points] if table.points else []
    marks_spoilt_by_a_spreadsheet(sheet, points, table.marks(), request.template)
    filled, columns = [], {}
    for lesson in found.lessons:
        column = table.column_of(lesson.lesson, request.column)
        if column is None:
            if request.assignments:
                raise CourseError(
                    f"no column of {request.template} is called {lesson.lesson}; "
                    f"{table.near(lesson.lesson)}"
                )
            print(f"{lesson.lesson}: no column is called so; left out (--column names one).")
            continue
        filled.append(_canvas_lesson(found, table, column, lesson, request.wishes))
        columns[column] = table.columns[column]
    if not filled:
        raise CourseError(f"no lesson of this course has a column in {request.template}.")
    among = sorted({*table.marks(), *columns})
    marks_spoilt_by_a_spreadsheet(sheet, sheet.rows[1:], among, request.template)
    target = place(found.course, f"canvas-{request.template.stem}.csv", request.output)
    _write(found, target, table.sheet.to_bytes(), filled, request, ", ".join(columns.values()))
    if not request.dry_run:
        print("In Canvas: Grades, Import. Canvas shows what will change before it saves.")
    return _code(filled)


def _canvas_lesson(
    found: Known, table: CanvasSheet, column: int, lesson: LessonMarks, wishes: Wishes
) -> Filled:
    _same_points(lesson, table.most(column), "Canvas", wishes)
    filled = Filled(lesson.lesson)
    rows = owners(table.entries(column), People(found.students), filled)
    decimal = table.sheet.decimal([column, *table.columns])
    fill(table.sheet, column, rows, dict(lesson.out), wishes, decimal, filled, capped=False)
    return filled


def _without_template(found: Known, request: Request) -> int:
    if len(found.lessons) != 1:
        raise CourseError(
            "several lessons need Canvas's own file: --template FILE (Grades, Export, Export Entire "
            "Gradebook); or name one lesson."
        )
    lesson = found.lessons[0]
    with_mark = [one for one in found.students if lesson.out[one.id].mark is not None]
    if not with_mark:
        why = "; ".join(dict.fromkeys(out.why for out in lesson.out.values()))
        raise CourseError(
            f"no mark of {lesson.lesson} goes out yet, so no table was made ({why or 'nobody is there'})."
        )
    heading = request.column or lesson.lesson
    table = canvas_sheet(made_from(with_mark, heading))
    filled = Filled(lesson.lesson)
    column = table.column_of(lesson.lesson, heading)
    assert column is not None
    rows = owners(table.entries(column), People(found.students), filled)
    fill(table.sheet, column, rows, dict(lesson.out), request.wishes, ".", filled, capped=False)
    for one in found.students:
        out = lesson.out[one.id]
        if out.mark is None:  # has no row in a table of ours
            (filled.missing if out.missing else filled.skipped).append((one.id, out.why))
    target = place(found.course, f"canvas-{lesson.lesson}.csv", request.output)
    _write(found, target, table.sheet.to_bytes(), [filled], request, heading)
    print(
        "Without --template Canvas finds the assignment by its exact name, or offers to make a new one; "
        "the points of both could not be compared."
    )
    return _code([filled])


def _moodle(found: Known, request: Request) -> int:
    if request.template is None:
        raise CourseError(
            "Moodle takes marks only in its own worksheet, because the number of a participant is "
            "another one in each assignment: --template FILE (the assignment, Submissions, Download "
            "grading worksheet)."
        )
    if len(found.lessons) != 1:
        raise CourseError("a worksheet of Moodle is of one assignment; name the lesson.")
    lesson = found.lessons[0]
    sheet = read_sheet(_there(request.template))
    with _of(request.template):
        table = moodle_sheet(sheet, request.column)
    spoilt_by_a_spreadsheet(sheet, [0, *table.who], request.template, found.class_list)
    most = [table.most] if table.most is not None else []
    marks_spoilt_by_a_spreadsheet(sheet, sheet.rows[1:], most, request.template)
    entries = table.entries()
    manifest = read_manifest(found.course, lesson.lesson).students
    numbers = {
        who: one.who["participant"] for who, one in manifest.items() if "participant" in one.who
    }
    for theirs in {entry.most for entry in entries}:
        _same_points(lesson, theirs, "Moodle", request.wishes)
    filled = Filled(lesson.lesson)
    rows = owners(entries, People(found.students, numbers), filled)
    _same_assignment(lesson.lesson, rows, numbers, request.template)
    decimal = sheet.decimal([*most, table.grade])
    wishes = request.wishes
    fill(table.sheet, table.grade, rows, dict(lesson.out), wishes, decimal, filled, capped=True)
    marks_spoilt_by_a_spreadsheet(sheet, sheet.rows[1:], [table.grade], request.template)
    target = place(found.course, f"moodle-{lesson.lesson}.csv", request.output)
    heading = table.sheet.rows[0].value(table.grade)
    _write(found, target, table.sheet.to_bytes(), [filled], request, heading)
    print(HINT)
    return _code([filled])


def _same_assignment(
    lesson: str, rows: Mapping[str, Entry], numbers: Mapping[str, str], template: Path
) -> None:
    """Raises `CourseError` when everybody who was collected has another number in this worksheet."""
    known = [who for who in rows if who in numbers]
    if known and all(rows[who].who["participant"] != numbers[who] for who in known):
        raise CourseError(
            f"{template} is the worksheet of another assignment than {lesson} was collected from: nobody "
            "has the same number of a participant in both. Download the worksheet of this assignment; if "
            "it is that, collect its submissions once more."
        )


def _send(found: Known, request: Request, where: Place) -> int:
    lesson = found.lessons[0]
    canvas = CanvasCourse(where, request.column or lesson.lesson)
    table = canvas.table()
    column = max(table.columns)
    filled = _canvas_lesson(found, table, column, lesson, request.wishes)
    numbers = table.numbers()
    put = {id(row) for row in filled.rows}
    marks = {row.value(numbers): row.value(column) for row in table.students if id(row) in put}
    notes = (canvas.posted_by_hand(), canvas.one_mark_for_a_group())
    for said in [*filled.told(put="to send"), *filter(None, notes)]:
        print(said)
    if request.dry_run or not request.really:
        print(nothing_sent(len(marks), "mark"))
        return _code([filled])
    refused, stopped = _sent(canvas, marks)
    print(f"{counted(len(marks) - len(refused), 'mark')} sent to {line(table.columns[column])}.")
    not_taken = [
        who
        for row, (who, _) in zip(filled.rows, filled.put, strict=True)
        if row.value(numbers) in refused
    ]
    remember_sent(
        found.course,
        f"the marks for {line(table.columns[column])} in {where.host}",
        {
            lesson.lesson: {
                who: lesson.marks[who]
                for who in filled.sent
                if who in lesson.marks and who not in not_taken
            }
        },
        [*_again(found.course, request, []), *where.options()],
        words=False,
        penalty=request.wishes.penalty,
        without={lesson.lesson: _without(lesson, filled)},
    )
    if stopped is not None:
        raise stopped
    if refused:
        print(f"Canvas did not take the marks of {', '.join(map(line, not_taken))}; look there.")
    return 1 if refused else _code([filled])


def _sent(canvas: CanvasCourse, marks: Mapping[str, str]) -> tuple[list[str], CourseError | None]:
    """Whose mark is not in Canvas afterwards, and what stopped it half way."""
    if not marks:
        return [], None
    try:
        return canvas.send(marks), None
    except CourseError as error:
        stopped = CourseError(f"{error} {AGAIN}")
    try:
        return canvas.not_taken(marks), stopped
    except CourseError:  # Canvas cannot be asked either
        return [*marks], stopped


@contextmanager
def _of(template: Path) -> Iterator[None]:
    """What is wrong with a table is said with its name."""
    try:
        yield
    except CourseError as error:
        raise CourseError(f"{template}: {error}") from None


def _there(template: Path) -> Path:
    if not template.is_file():
        what = "is a folder" if template.is_dir() else "does not exist"
        raise CourseError(f"{template} {what}; --template names the file the LMS exported.")
    return template


def _same_points(lesson: LessonMarks, theirs: Decimal | None, lms: str, wishes: Wishes) -> None:
    if theirs is None:
        if wishes.scale:
            raise CourseError(
                f"{lms}'s table does not say how many points {lesson.lesson} has there, so nothing can be "
                "scaled to that; export the whole table again."
            )
        print(
            f"{lesson.lesson}: {lms}'s table does not say how many points it has there, so they could not "
            f"be compared with {written(Decimal(repr(lesson.most)), '.')} here."
        )
        return
    if theirs == 0 and wishes.scale:
        raise CourseError(
            f"{lesson.lesson} has no points in {lms}, so nothing can be scaled to that; give it points "
            "there and export the file again."
        )
    if wishes.scale or abs(float(theirs) - lesson.most) < 0.005:
        return
    there = written(theirs, ".") if theirs else "none"
    scaled = ", or let the marks be scaled with --scale" if theirs else ""
    raise CourseError(
        f"{lesson.lesson} has {counted(lesson.most, 'point')} here and {there} in {lms}. Change it there "
        f"and export the file again{scaled}."
    )


def _write(
    found: Known,
    target: Path,
    data: bytes,
    filled: Sequence[Filled],
    request: Request,
    columns: str,
) -> None:
    for one in filled:
        for said in one.told(put="to fill in" if request.dry_run else "filled in"):
            print(said)
    if not request.dry_run:
        if target.exists() and request.template and target.samefile(request.template):
            raise CourseError(f"{target} is the template itself; name another file with --output.")
        write_filled(found.course, target, data, named=request.output is not None)
        sent = {one.lesson: one.sent for one in filled}
        of = {one.lesson: one for one in found.lessons}
        without = {one.lesson: _without(of[one.lesson], one) for one in filled}
        _remember(found, target, sent, request, words=False, without=without)
        print(f"{target}: {line(columns)}")


def _remember(
    found: Known,
    target: Path,
    sent: Mapping[str, Iterable[str]],
    request: Request,
    *,
    words: bool,
    without: Mapping[str, Iterable[str]],
) -> None:
    """`sent`: lesson -> whose marks stand there now; `without`: whose could not."""
    marks = {
        one.lesson: {who: one.marks[who] for who in sent[one.lesson] if who in one.marks}
        for one in found.lessons
        if one.lesson in sent
    }
    add = request.to == "gradescope" and bool(request.students)
    again = _again(found.course, request, [] if add else request.students)
    penalty = request.wishes.penalty
    remember(
        found.course,
        target,
        marks,
        again,
        words=words,
        penalty=penalty,
        without=without,
        add=add,
    )


def _without(lesson: LessonMarks, filled: Filled) -> list[str]:
    """Who has a row there, and no mark that could go into it yet."""
    left = (who for who, _ in (*filled.skipped, *filled.missing))
    return [who for who in left if who in lesson.out and lesson.out[who].mark is None]


def _not_marked(lessons: Iterable[LessonMarks]) -> dict[str, list[str]]:
    return {one.lesson: [who for who in one.out if who not in one.marks] for one in lessons}


def _again(course: Course, request: Request, students: Sequence[str]) -> list[str]:
    """What makes the same anew, as it is typed in the course directory."""
    words = ["export", *request.assignments, "--to", request.to]
    for option, value in (
        ("--template", request.template and shown(course, request.template)),
        ("--column", request.column),
        *(("--student", who) for who in students),
        ("--output", request.output and shown(course, request.output)),
    ):
        words += [option, value] if value else []
    for option, wanted in (
        ("--unfinished", request.wishes.unfinished),
        ("--missing=zero", request.wishes.missing_zero),
        ("--scale", request.wishes.scale),
        ("--without-penalty", not request.wishes.penalty),
    ):
        words += [option] if wanted else []
    return words


def _code(filled: Sequence[Filled]) -> int:
    if any(not one.complete for one in filled):
        if any("not read yet" in why for one in filled for _, why in one.skipped):
            print("--unfinished also sends marks whose written answers nobody has read.")
        if any(ANEW in why for one in filled for _, why in one.skipped):
            print("--unfinished also sends the marks of what was handed in before.")
        return 1
    return 0


# ---- tables of ours ------------------------------------------------------------------------------


def _csv(found: Known, request: Request) -> int:
    rows = []
    for lesson in found.lessons:
        names = {one.id for one in found.students}
        students = [*found.students, *(Student(w) for w in lesson.marks if w not in names)]
        records = {
            who: record
            for who in lesson.marks
            if (record := load_record(found.course, who, lesson.lesson)) is not None
        }
        penalty = request.wishes.penalty
        rows += list(
            rows_of(lesson.lesson, students, lesson.marks, lesson.out, records, penalty=penalty)
        )
        _say_who_waits(lesson)
    name = found.lessons[0].lesson if len(found.lessons) == 1 else "all"
    target = place(found.course, f"marks-{name}.csv", request.output)
    if not request.dry_run:
        data = long_csv(iter(rows))
        # A file that was named may be ours, and be made by who may only read the course.
        named = request.output is not None
        write_filled(found.course, target, data, named=named, strict=not named)
        sent = {one.lesson: one.marks for one in found.lessons}
        _remember(found, target, sent, request, words=True, without=_not_marked(found.lessons))
    handed_in = sum(len(lesson.marks) for lesson in found.lessons)
    print(
        f"{target}: {counted(len(rows), 'row')} of {counted(handed_in, 'submission')}. For who teaches."
    )
    return 0


def _gradescope(found: Known, request: Request) -> int:
    if request.output is not None and len(found.lessons) > 1:
        raise CourseError("--output names one folder; name one assignment, too.")
    for lesson in found.lessons:
        source = found.course.select([lesson.lesson])[0]
        shown = lesson_shown(source, lesson.sources.values())
        hidden = frozenset(n for n, text in lesson.sources.items() if "BEGIN HIDDEN TESTS" in text)
        files = {}
        for who, marked in lesson.marks.items():
            record = load_record(found.course, who, lesson.lesson)
            own = own_answers(found.course, marked)
            files[f"{who}/results.json"] = results_json(
                shown, marked, record, own, hidden, penalty=request.wishes.penalty
            )
        _say_who_waits(lesson)
        target = place(found.course, f"gradescope-{lesson.lesson}", request.output)
        if not request.dry_run:
            write_folder(found.course, target, files, add=bool(request.students))
            sent = {lesson.lesson: lesson.marks}
            without = _not_marked([lesson])
            _remember(found, target, sent, request, words=True, without=without)
        print(f"{target}: results.json of {counted(len(files), 'student')}")
    return 0


def _say_who_waits(lesson: LessonMarks) -> None:
    for why in dict.fromkeys(lesson.waiting.values()):
        who = ", ".join(line(one) for one, said in sorted(lesson.waiting.items()) if said == why)
        print(f"{lesson.lesson}: {who} {why}")


_TABLES = ("canvas", "moodle")
_EXPORTS = {"canvas": _canvas, "moodle": _moodle, "csv": _csv, "gradescope": _gradescope}
