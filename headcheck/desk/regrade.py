"""`headcheck regrade`: what grading again would change, doing exactly that, and taking it back."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from headcheck import versions
from headcheck.course.counted import counted
from headcheck.course.dates import read_dates
from headcheck.course.directory import Course, CourseError
from headcheck.course.named_file import NO_OBJECTS, only_ours, write_named
from headcheck.desk import plan as plans
from headcheck.desk.before_grading import asked_for, check_lessons, check_torch
from headcheck.desk.console import few_words, points, progress, warn
from headcheck.desk.moves import Move, move, show_moves, summary
from headcheck.desk.plan import Moved, Plan, Planned
from headcheck.desk.report import write_report
from headcheck.desk.todo import outdated_marks, told
from headcheck.desk.typed import warn_of_typed
from headcheck.grading import put_back
from headcheck.grading.classroom import (
    Classroom,
    Progress,
    Rehearsed,
)
from headcheck.grading.find import Submission, few, find_submissions
from headcheck.grading.gradebook import ClassGradebook, agrees
from headcheck.grading.pool import Pool
from headcheck.grading.put_back import Cell, Snapshot, cells_of
from headcheck.grading.record import Record, load_record
from headcheck.grading.work import EngineName

# ---- what would change ---------------------------------------------------------------------------


def preview_command(
    course: Course,
    assignments: Sequence[str],
    students: Sequence[str],
    *,
    force: bool,
    plan_file: Path | None,
    json_file: Path | None,
    pool: Pool,
) -> int:
    """Grade again in a copy, show whose mark would move, write the plan; the exit code."""
    submissions = asked_for(course, assignments, students)
    check_torch()
    for file in (plan_file, json_file):
        if file is not None and not file.absolute().parent.is_dir():
            raise CourseError(f"{file.parent} is not a folder; nothing can be written there.")
    if plan_file is not None:
        plans.no_other_file(plan_file)  # now: grading takes its time
    if json_file is not None:
        only_ours(json_file.absolute(), NO_OBJECTS)
    with closing(Classroom(course, submissions)) as classroom:
        check_lessons(classroom, pool.engine)
        left_out = _leave_out(classroom, pool.engine, force)
        marks = {name: classroom.gradebook.marks(name) for name in classroom.templates}
        total = len(classroom.submissions)
        print(f"Grading {total} again in a copy, with the same hidden sizes. Nothing counts yet.")
        for said in left_out:
            print(said)
        results, hashes = _rehearse_all(classroom, pool)
        lessons = {one.record.assignment for one in results}
        versions_of = {name: classroom.versions[name] for name in sorted(lessons)}
    faults = [one.record for one in results if one.record.outcome == "grader-error"]
    results = [one for one in results if one.record.outcome != "grader-error"]
    moves, same_words, found = [], 0, []
    for one in results:
        record, before = one.record, one.before
        old = marks[record.assignment].get(record.student, {})
        moved = move(record, before, old)
        if moved is not None:
            moves.append(moved)
        elif before is not None and _words(record) != _words(before):
            same_words += 1
        cells = {name: Cell(**asdict(mark)) for name, mark in old.items()}
        found.append(plans.planned(record, cells, moved, hashes[record.student, record.assignment]))
    made = datetime.now(UTC)
    plan = Plan(
        id=made.strftime("%Y%m%dT%H%M%SZ"),
        made_at=made,
        engine=pool.engine,
        grader=versions.verdict(),
        lessons=versions_of,
        submissions=plans.in_order(found),
    )
    if json_file is not None:
        data = [one.as_json() for one in moves]
        write_named(json_file.absolute(), (json.dumps(data, indent=1) + "\n").encode())
    for record in faults:
        warn(f"{record.student}, {record.assignment}: the grader failed, so it is in no plan.")
    if not found:
        print("Nothing would be graded again, so there is no plan.")
        return 1 if faults else 0
    path = plan_file or plans.plans_folder(course) / f"{plan.id}.json"
    plans.save_plan(path.absolute(), plan, named=plan_file is not None)
    _show(moves, len(found), same_words)
    print(f"Plan: {path}")
    print(f"To count it: {_command(course, '--apply', path)}")
    return 1 if faults else 0


def _words(record: Record) -> list[str]:
    return [f"{cell.outcome} {few_words(cell)}" for cell in record.cells]


def _show(moves: Sequence[Move], total: int, same_words: int) -> None:
    if moves:
        show_moves(moves, "Marks that would move")
    words = f" ({same_words} with another message)" if same_words else ""
    print(f"{summary(moves)}, {total - len(moves)} same{words}. Marks are before any late penalty.")


def _command(course: Course, option: str, path: Path) -> str:
    """The command line for a plan, from where we stand."""
    here = Path.cwd()
    place = [] if here == course.root else ["--course", str(course.root)]
    shown = os.path.relpath(path) if path.absolute().is_relative_to(here) else str(path.absolute())
    return shlex.join(["headcheck", "regrade", *place, option, shown])


def _leave_out(classroom: Classroom, engine: EngineName, force: bool) -> list[str]:
    """Keep what can be graded *again*; a line for each kind that is left out."""
    again, counts = [], dict.fromkeys(("new", "anew", "same"), 0)
    marks = {name: classroom.gradebook.marks(name) for name in classroom.templates}
    for one in classroom.submissions:
        record = load_record(classroom.course, one.student, one.lesson.name)
        mine = marks[one.lesson.name].get(one.student)
        if record is None or mine is None:
            counts["new"] += 1
        elif record.content and record.content != classroom.content_now(one):
            counts["anew"] += 1
        elif (
            not force
            and record.outcome != "grader-error"
            and record.key == classroom.key_of(one, engine)
            and agrees(record.cells, mine)
        ):
            counts["same"] += 1
        else:
            again.append(one)
    classroom.submissions = again
    words = {
        "new": ("was", "were", "not graded yet; `headcheck grade` does that."),
        "anew": ("was", "were", "handed in anew since the grading; `headcheck grade` does that."),
        "same": (
            "would",
            "would",
            "be graded with the same tests as before, so with the same result (--force).",
        ),
    }
    said = (
        (counted(count, *words[what][:2]), words[what][2])
        for what, count in counts.items()
        if count
    )
    return [f"{how_many} {rest}" for how_many, rest in said]


def _rehearse_all(
    classroom: Classroom, pool: Pool
) -> tuple[list[Rehearsed], dict[tuple[str, str], dict[str, str]]]:
    """Every submission, from an interrupted preview where that has it; and the hashes of each.

    What was graded lies on the disk and not in memory: a class may be large.
    """
    course = classroom.course
    found, hashes, earlier = [], {}, 0

    def known(one: Submission) -> Progress | None:
        return _known(classroom, one, pool.engine)

    with progress(len(classroom.submissions)) as step:
        for one in classroom.rehearse(pool, skip=known):
            assert isinstance(one, Rehearsed)
            student, lesson = one.record.student, one.record.assignment
            hashes[student, lesson] = {
                "record": plans.record_hash(course, student, lesson),
                "result": plans.save_result(course, one.record, one.notebook),
            }
            one.notebook = b""
            earlier += one.skipped
            found.append(one)
            step(one.record, skipped=one.skipped)
    if earlier:
        were = counted(earlier, "of them was", "of them were")
        print(f"{were} graded by an earlier preview already.")
    return found, hashes


def _known(classroom: Classroom, one: Submission, engine: EngineName) -> Rehearsed | None:
    before = load_record(classroom.course, one.student, one.lesson.name)
    result = plans.load_result(classroom.course, one.student, one.lesson.name)
    if before is None or result is None or result.record.outcome in plans.NEVER_TRUSTED:
        return None
    record = result.record
    if record.seed != before.seed or record.key != classroom.key_of(one, engine):
        return None
    notebook = result.notebook.encode()
    return Rehearsed(record.after(before), skipped=True, before=before, notebook=notebook)


# ---- doing it ------------------------------------------------------------------------------------


def apply_command(course: Course, plan_file: Path) -> int:
    """Record what the plan says, all of it; refuses when anything has moved since. The exit code."""
    plan = plans.load_plan(plan_file)
    kept = plans.kept_folder(course, plan.id)
    dates = read_dates(course.root)  # a slip in it is said before anything is recorded
    begun = {(s.student, s.assignment): s for s in put_back.load_snapshots(kept)}
    with _open(course, plan) as (classroom, submissions):
        moved, todo = [], []
        for one in plan.submissions:
            which = (one.student, one.assignment)
            before = begun.get(which)
            if before is not None and is_applied(course, one):
                continue
            why = _moved_since(classroom, plan, one, submissions.get(which), before)
            if why:
                moved.append(f"{one.name}: {why}")
            todo.append(one)
        if moved:
            raise Moved(
                f"{_not_as_before(len(moved), len(plan.submissions))} when this plan was made, so nothing "
                "was changed:\n  "
                + "\n  ".join(few(moved, "like these"))
                + "\nMake a new plan: headcheck regrade --preview"
            )
        if todo and len(todo) < len(plan.submissions):
            print(f"Going on: {len(plan.submissions) - len(todo)} done, {len(todo)} left.")
        for one in todo:
            result = plans.load_result(course, one.student, one.assignment)
            assert result is not None  # its hash is that of the plan
            put_back.keep(classroom.gradebook, kept, result.record)
            record = result.record.model_copy(update={"graded_at": datetime.now(UTC)})
            submission = submissions[one.student, one.assignment]
            classroom.write_down(submission, record, result.notebook.encode())
        warn_of_typed(course, classroom.aside)
        renewed = classroom.gradebook.settle(dates, keep=True)
        standings = classroom.gradebook.standings()
        sent = list(outdated_marks(course, classroom.gradebook))
    report = write_report(course, standings)
    if todo:
        changed = sum(one.mark_before != one.mark_after for one in plan.submissions)
        results = counted(len(plan.submissions), "result")
        others = counted(changed, "mark is another now", "marks are others now")
        print(f"Applied: {results} recorded, {others}.")
    else:
        results = counted(len(plan.submissions), "result")
        print(f"This plan is applied already ({results}); no mark was changed.")
    _say_renewed(renewed)
    print(f"report: {report}")
    for said in told(sent, course):
        print(said)
    print(f"To take it back: {_command(course, '--undo', plan_file)}")
    return 0


def _not_as_before(number: int, total: int) -> str:
    return counted(number, f"of {total} is not what it was", f"of {total} are not what they were")


def is_applied(course: Course, one: Planned) -> bool:
    """Whether the result of the plan is the one that is recorded."""
    record = load_record(course, one.student, one.assignment)
    result = plans.load_result(course, one.student, one.assignment)
    if record is None or record.key != one.key or record.seed != one.seed:
        return False
    return result is None or record.cells == result.record.cells


def _moved_since(
    classroom: Classroom,
    plan: Plan,
    one: Planned,
    submission: Submission | None,
    before: Snapshot | None,
) -> str:
    """What is not as it was when the plan was made; empty when all is."""
    course = classroom.course
    if submission is None:
        return "the submission is not there any more"
    if one.content != classroom.content_now(submission):
        return "something else was handed in since"
    if plan.lessons.get(one.assignment) != classroom.versions[one.assignment]:
        return "the lesson was built anew since"
    if plan.grader != versions.verdict():
        return "headcheck or its libraries are of another version now"
    if one.key != classroom.key_of(submission, plan.engine):
        return "the limits in grader_config.py, or HEADCHECK_SEED, are others now"
    if one.result != plans.hash_of(plans.result_file(course, one.student, one.assignment)):
        return "its result is not in .headcheck/plans/ any more, or of a newer preview"
    if one.record != plans.record_hash(course, one.student, one.assignment):
        return "it was graded again since"
    now = cells_of(classroom.gradebook, one.student, one.assignment)
    written = _written(plans.load_result(course, one.student, one.assignment))
    for name in sorted(now.keys() | one.marks.keys()):
        was, is_now = one.marks.get(name), now.get(name)
        if was is None or is_now is None:
            return f"{name} is not the same question any more"
        if (was.manual, was.extra) != (is_now.manual, is_now.extra):
            return f"{name} was marked by hand since ({_by_hand(was)} -> {_by_hand(is_now)})"
        half_done = before is not None and name in written and is_now.auto == written[name]
        if was.auto != is_now.auto and not half_done:
            return f"the score of {name} is another one ({was.auto} -> {is_now.auto})"
    return ""


def _written(result: plans.Result | None) -> dict[str, float]:
    return {} if result is None else {cell.grade_id: cell.score for cell in result.record.cells}


def _by_hand(cell: Cell) -> str:
    given = "none" if cell.manual is None else points(cell.manual)
    return given if not cell.extra else f"{given} and {points(cell.extra)} extra"


@contextmanager
def _open(
    course: Course, plan: Plan
) -> Iterator[tuple[Classroom, dict[tuple[str, str], Submission]]]:
    known = {lesson.name for lesson in course.lessons()}
    gone = sorted(set(plan.lessons) - known)
    if gone:
        raise Moved(
            f"{gone[0]} is no lesson of this course any more; is it the course of the plan?"
        )
    found, _ = find_submissions(course, sorted(plan.lessons))
    with closing(Classroom(course, found)) as classroom:
        yield classroom, {(one.student, one.lesson.name): one for one in found}


# ---- taking it back ------------------------------------------------------------------------------


def undo_command(course: Course, plan_file: Path | None) -> int:
    """Put marks, records and graded files back as they were before a plan was applied."""
    kept = _newest_kept(course) if plan_file is None else _kept_of(course, plan_file)
    dates = read_dates(course.root)
    snapshots = put_back.load_snapshots(kept)
    moved = []
    with closing(ClassGradebook(course)) as gradebook:
        for before in snapshots:
            why = _written_over(course, gradebook, before)
            if why:
                moved.append(f"{before.student}, {before.assignment}: {why}")
        if moved:
            raise Moved(
                "these were graded again after the plan was applied, so nothing was put back:\n  "
                + "\n  ".join(few(moved, "like these"))
                + f"\nA copy of the gradebook as it was lies in {course.root / 'backups'}."
            )
        since, typed = [], []
        for before in snapshots:
            names, aside = put_back.put_back(gradebook, kept, before)
            typed += aside
            since += [f"{before.student}, {before.assignment}: {name}" for name in names]
        # What was kept has the penalty of its day: since then a date or a rule may be another one.
        renewed = gradebook.settle(dates, keep=True)
        standings = gradebook.standings()
        sent = list(outdated_marks(course, gradebook))
    write_report(course, standings)
    _name_as_undone(kept)
    warn_of_typed(course, typed)
    are = counted(len(snapshots), "submission is as it was", "submissions are as they were")
    print(f"Put back: {are} before the plan was applied.")
    if since:
        print(f"Marked by hand since, and kept ({len(since)}):")
        for said in few(since, "like these"):
            print(f"  {said}")
    _say_renewed(renewed)
    for said in told(sent, course):
        print(said)
    if left := len(_applied(course)):
        plans_are = counted(left, "other plan is", "other plans are")
        print(
            f"{plans_are} still applied; `headcheck regrade --undo` once more takes the last back."
        )
    return 0


def _say_renewed(renewed: int) -> None:
    if renewed:
        print(f"Late penalties that were not right any more: {renewed}, worked out again.")


def _kept_of(course: Course, plan_file: Path) -> Path:
    plan = plans.load_plan(plan_file)
    kept = plans.kept_folder(course, plan.id)
    if not (kept / "before").is_dir():
        raise CourseError(f"the plan {plan_file} was not applied here, or is taken back already.")
    return kept


def _applied(course: Course) -> list[Path]:
    """What was kept of every plan that is applied; the one that was applied last stands last.

    The newest plan need not be that one: a folder is named after the time its plan was made.
    """

    def when(before: Path) -> float:
        return max((path.stat().st_mtime for path in before.glob("*/*.json")), default=0.0)

    found = sorted((course.root / "backups").glob("regrade-*Z/before"))
    return [before.parent for before in sorted(found, key=when)]


def _newest_kept(course: Course) -> Path:
    found = _applied(course)
    if not found:
        raise CourseError("no plan was applied here (or all are taken back), so nothing can be.")
    return found[-1]


def _written_over(course: Course, gradebook: ClassGradebook, before: Snapshot) -> str:
    """Why this submission cannot be put back: something newer than the plan lies there."""
    record = load_record(course, before.student, before.assignment)
    was = Record.model_validate_json(before.record)
    if record is None:
        return "its record is not there any more"
    ours = (record.key, record.seed) == (before.new_key, before.new_seed)
    if record != was and not (ours and record.history[-1:] == [was.past()]):
        return f"graded at {record.graded_at:%d %b %H:%M} UTC"
    now = cells_of(gradebook, before.student, before.assignment)
    for name, cell in before.cells.items():
        if name not in now:
            return f"{name} is not in the gradebook any more"
        written = before.new_scores.get(name, cell.auto)
        if now[name].auto not in (cell.auto, written):
            return f"the score of {name} is {now[name].auto} now"
    return ""


def _name_as_undone(kept: Path) -> None:
    target = kept.with_name(f"{kept.name}-undone")
    number = 1
    while target.exists():
        number += 1
        target = kept.with_name(f"{kept.name}-undone-{number}")
    kept.rename(target)
