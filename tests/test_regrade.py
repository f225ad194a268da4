"""Does a regrade show what would move, do exactly that, and take it back, whatever happens in between?"""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from hours import in_turn
from in_process import InProcess
from marked_course import here
from once import once
from test_grade import FULL, build, gradebook, rows, submit
from test_marked import mark
from test_moves import WRONG, grade, rebuild
from tiny_course import LESSON, NAME, headcheck

from headcheck.course.directory import Course, CourseError
from headcheck.desk import regrade
from headcheck.desk.plan import Moved
from headcheck.grading import classroom, graded_folder, put_back
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.pool import LocalPool

SEVEN = "test_seven"


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class graded by a wrong test, some of it marked by hand; then the test was put right."""
    good = once(tmp_path_factory, "built", build) / "course"
    course = Path(shutil.copytree(good, tmp_path_factory.mktemp("regrade") / "course"))
    rebuild(course, WRONG)
    submit(course, "ada", FULL)
    submit(course, "bob", FULL | {"seven": "seven = 8"})
    submit(course, "cy", FULL)
    submit(course, "dee", FULL | {"seven": "seven = 9"})
    grade(course)
    for student in ("ada", "cy"):
        mark(course, "why_twice", 2, student=student)
    mark(course, SEVEN, 0.5, student="cy")
    with closing(gradebook(course)) as gb:
        gb.find_comment("why_twice", NAME, NAME, "cy").manual_comment = "Good."
        gb.db.commit()
    rebuild(course, LESSON)
    submit(course, "eve", FULL)  # not graded yet
    shutil.rmtree(course / "backups")
    plan = preview(course)
    shutil.copy(plan, course / "plan.json")
    return course


@pytest.fixture
def course(fixed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fixed, tmp_path / "course"))


def preview(course: Path, engine: InProcess | None = None, **options: object) -> Path:
    wanted = {"force": False, "plan_file": None, "json_file": None} | options
    pool = LocalPool(engine or InProcess(), 1)
    code = regrade.preview_command(Course.open(course), [], [], pool=pool, **wanted)
    assert code == 0
    return max((course / ".headcheck" / "plans").glob("*.json"))


def state(course: Path) -> dict[str, object]:
    """All that a regrade may change: rows and comments, records, graded files."""
    with closing(gradebook(course)) as gb:
        comments = {
            (s.student.id, c.name): (c.auto_comment, c.manual_comment)
            for s in gb.assignment_submissions(NAME)
            for c in s.notebooks[0].comments
        }
    folders = [*(course / "autograded").glob("[!.]*"), course / ".headcheck" / "graded"]
    folders.append(course / ".headcheck" / "marked")
    files = {
        path.relative_to(course).as_posix(): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }
    return {"rows": rows(course), "comments": comments, "files": files}


def apply(course: Path) -> int:
    return regrade.apply_command(Course.open(course), course / "plan.json")


def undo(course: Path, plan: str | None = None) -> int:
    return regrade.undo_command(Course.open(course), course / plan if plan else None)


# ---- what would change ---------------------------------------------------------------------------


@in_turn
def test_is_it_shown_whose_mark_would_move_and_nothing_changed(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, database = state(course), (course / "gradebook.db").read_bytes()
    engine = InProcess()
    preview(course, engine, json_file=course / "moves.json", plan_file=course / "mine.json")
    said = capsys.readouterr().out
    assert (state(course), (course / "gradebook.db").read_bytes()) == (before, database)
    assert engine.ran == []  # the preview before has it all
    assert "4 of them were graded by an earlier preview already" in said
    assert "1 was not graded yet; `headcheck grade` does that." in said
    table = said[said.index("Marks that would move") :]
    assert table.index("bob") < table.index("cy") < table.index("ada")
    assert "4 -> 3" in table and "5 -> 6" in table and "= 5.5" in table
    assert "(mark by hand 0.5 kept)" in table
    assert "1 up (+1 point), 1 DOWN (-1 point), 1 kept by hand, 1 same" in table
    assert "--apply" in said
    moves = {one["student"]: one for one in json.loads((course / "moves.json").read_text())}
    assert set(moves) == {"ada", "bob", "cy"}
    assert moves["ada"]["why"] == "the lesson was changed"  # the hidden sizes are the same
    plan = json.loads((course / "mine.json").read_text())
    assert [one["student"] for one in plan["submissions"]] == ["bob", "cy", "ada", "dee"]
    records = {
        student: json.loads((course / f".headcheck/graded/{NAME}/{student}.json").read_text())
        for student in ("ada", "bob", "cy", "dee")
    }
    assert {one["student"]: one["seed"] for one in plan["submissions"]} == {
        student: record["seed"] for student, record in records.items()
    }


def test_is_what_cannot_be_graded_again_left_to_grade(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit(course, "bob", FULL)
    engine = InProcess()
    plan = json.loads(preview(course, engine, force=True).read_text())
    assert {one["student"] for one in plan["submissions"]} == {"ada", "cy", "dee"}
    said = capsys.readouterr().out
    assert "1 was handed in anew since the grading" in said


# ---- doing it, and taking it back ----------------------------------------------------------------


def test_is_a_plan_done_to_the_letter_and_taken_back_to_the_byte(course: Path) -> None:
    before = state(course)
    done = here(course, "regrade", "--apply", str(course / "plan.json"))
    assert done.exit_code == 0, done.output
    assert "4 results recorded, 2 marks are others now" in done.output
    assert done.output.count("headcheck regrade") == 1
    now = rows(course)
    assert {student: now[student][SEVEN] for student in now} == {
        "ada": (1, None, False),
        "bob": (0, None, False),
        "cy": (1, 0.5, False),
        "dee": (0, None, False),
    }
    assert now["ada"]["why_twice"] == (None, 2, False)
    plan = json.loads((course / "plan.json").read_text())
    with closing(ClassGradebook(Course.open(course))) as gb:
        scores = {who: standing.score for (who, _), standing in gb.standings().items()}
    assert scores == {one["student"]: one["mark_after"] for one in plan["submissions"]}
    assert list((course / "backups").glob("gradebook-*.db"))
    assert "eve" not in now
    record = json.loads((course / f".headcheck/graded/{NAME}/ada.json").read_text())
    assert record["history"][-1]["cells"][SEVEN][0] == 0
    again = [one for one in grade(course) if one["student"] != "eve"]
    assert [one["moved"] for one in again] == [None] * 4  # its results are good: none run again
    assert undo_says(course) == "Put back: 4 submissions"
    after = state(course)
    after["rows"].pop("eve")
    assert after["rows"] == before["rows"]
    kept = {name: data for name, data in after["files"].items() if "eve" not in name}
    assert kept == before["files"]


def undo_says(course: Path) -> str:
    done = here(course, "regrade", "--undo")
    assert done.exit_code == 0, done.output
    return done.output[: len("Put back: 4 submissions")]


def other_answer(course: Path) -> None:
    submit(course, "ada", FULL | {"seven": "seven = 6"})


def other_mark(course: Path) -> None:
    mark(course, SEVEN, 1, student="bob")


def other_test(course: Path) -> None:
    rebuild(course, LESSON.replace("seven == 7", "seven in (7, 8)"))


def graded_since(course: Path) -> None:
    grade(course, force=True)


def other_result(course: Path) -> None:
    (course / f".headcheck/plans/results/{NAME}/ada.json").unlink()


def other_limit(course: Path) -> None:
    with (course / "grader_config.py").open("a") as file:
        file.write("\nc.Headcheck.cell_seconds = 7\n")


def gone(course: Path) -> None:
    shutil.rmtree(course / "submitted" / "dee")


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (other_answer, f"ada, {NAME}: something else was handed in since"),
        (other_mark, f"bob, {NAME}: test_seven was marked by hand since (none -> 1)"),
        (other_test, "the lesson was built anew since"),
        (graded_since, "it was graded again since"),
        (other_result, "its result is not in .headcheck/plans/ any more"),
        (other_limit, "the limits in grader_config.py"),
        (gone, f"dee, {NAME}: the submission is not there any more"),
    ],
)
def test_is_a_plan_that_does_not_hold_any_more_refused_by_name(
    course: Path, move: Callable[[Path], None], said: str
) -> None:
    move(course)
    before = state(course)
    done = here(course, "regrade", "--apply", str(course / "plan.json"))
    assert done.exit_code == 1
    assert said in done.output
    assert "nothing was changed" in done.output
    assert state(course) == before


def test_does_undo_keep_what_a_person_marked_since(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(course)
    mark(course, "why_twice", 1.5, student="bob")
    undo(course, "plan.json")
    said = capsys.readouterr().out
    assert f"bob, {NAME}: why_twice" in said
    now = rows(course)["bob"]
    assert now["why_twice"] == (None, 1.5, False)
    assert now[SEVEN] == (1, None, False)
    with pytest.raises(CourseError, match="taken back already"):
        undo(course, "plan.json")


def test_is_an_answer_that_a_person_read_again_since_read_after_undo(course: Path) -> None:
    """The mark is the one of before, so nothing but the waiting tells that they have read it."""
    with closing(gradebook(course)) as gb:
        gb.find_grade("why_twice", NAME, NAME, "ada").needs_manual_grade = True
        gb.db.commit()
    remembered = course / ".headcheck" / "marked" / NAME / "ada.json"
    known = json.loads(remembered.read_text())
    known["cells"]["why_twice"] |= {"mark": 2, "waits": True, "read": "another text"}
    remembered.write_text(json.dumps(known))
    apply(course)
    assert rows(course)["ada"]["why_twice"] == (None, 2, True)
    with closing(gradebook(course)) as gb:  # in `headcheck review`: the same mark once more
        gb.find_grade("why_twice", NAME, NAME, "ada").needs_manual_grade = False
        gb.db.commit()
    done = here(course, "regrade", "--undo")
    assert f"ada, {NAME}: why_twice" in done.output
    assert rows(course)["ada"] == rows(course)["ada"] | {
        SEVEN: (0, None, False),
        "why_twice": (None, 2, False),
    }


@in_turn
def test_do_the_dates_of_today_count_after_apply_and_undo_and_in_a_report(course: Path) -> None:
    """Nothing is graded in between: nobody else would work the penalties out."""
    handed_in(course, datetime(2026, 11, 21, 11))

    def penalties(per_day: str, *command: str) -> list[str]:
        (course / "dates.yaml").write_text(
            f"late: {{per_day: {per_day}}}\ndue: {{{NAME}: 2026-11-20 12:00}}\n"
        )
        for arguments in (command, ("report", "--csv", str(course / "csv"))):
            done = here(course, *arguments)
            assert done.exit_code == 0, done.output
        table = csv.DictReader((course / "csv" / "marks.csv").read_text("utf-8-sig").splitlines())
        return [row["late_penalty"] for row in table if row["student"] in ("ada", "bob")]

    assert penalties("10%", "report") == ["0.5", "0.4"]
    plan = str(course / "plan.json")
    assert penalties("50%", "regrade", "--apply", plan) == ["3.0", "1.5"]
    assert penalties("30%", "regrade", "--undo") == ["1.5", "1.2"]
    with closing(ClassGradebook(Course.open(course))) as gb:
        found = gb.standings()
    assert found["ada", NAME].late_penalty == 1.5  # formgrader reads it there


def handed_in(course: Path, when: datetime) -> None:
    """All of them, at this time."""
    with closing(gradebook(course)) as gb:
        for submission in gb.assignment_submissions(NAME):
            submission.timestamp = when
        gb.db.commit()


def test_is_a_table_of_the_report_that_has_no_row_any_more_not_left_with_the_old_ones(
    course: Path,
) -> None:
    tables = course / "csv"
    tables.mkdir()
    old = "\ufeffassignment,check,outcome,message,likely,students,who\r\n01-double,test_seven,failed,x,,1,ada\r\n"
    (tables / "mistakes.csv").write_bytes(old.encode())
    submissions = json.loads((course / "plan.json").read_text())["submissions"]
    assert {one["student"] for one in submissions} == {"ada", "bob", "cy", "dee"}
    for student in ("ada", "cy"):
        shutil.rmtree(course / "submitted" / student)
    with closing(gradebook(course)) as gb:
        for student in ("ada", "cy", "dee"):
            gb.remove_submission(NAME, student)
    assert here(course, "report", "--csv", str(tables)).exit_code == 0
    left = (tables / "mistakes.csv").read_text("utf-8-sig")
    assert left.splitlines() == ["assignment,check,outcome,message,likely,students,who"]


@in_turn
def test_is_it_said_what_was_made_to_be_sent_of_marks_that_are_others_now(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page or a table of yesterday looks like one of today; after undo it is right again."""

    def marks() -> dict[str, str]:
        with (course / "outbox" / f"marks-{NAME}.csv").open(encoding="utf-8-sig") as table:
            return {row["student"]: row["mark"] for row in csv.DictReader(table)}

    monkeypatch.chdir(course)
    pages = course / "outbox" / f"feedback-{NAME}"
    for command in (("export", NAME), ("feedback", NAME)):
        assert here(course, *command).exit_code == 0
    before, page = marks(), {path.name: path.read_bytes() for path in pages.rglob("*.html")}
    assert apply(course) == 0
    said = capsys.readouterr().out
    for place, do in (("feedback-", f"feedback {NAME}"), ("marks-", f"export {NAME} --to csv")):
        (line,) = (one for one in said.splitlines() if f"since outbox/{place}" in one)
        assert "marks or comments have changed (ada, bob)" in line
        assert f"  -> headcheck {do}" in said.splitlines()
    assert undo(course) == 0
    assert "since outbox" not in capsys.readouterr().out
    assert apply(course) == 0
    for command in (("export", NAME), ("feedback", NAME)):
        assert here(course, *command).exit_code == 0
    changed = {who for who, mark in marks().items() if mark != before[who]}
    assert changed == {"ada", "bob"}
    now = {path.name: path.read_bytes() for path in pages.rglob("*.html")}
    assert now.keys() == page.keys() and now != page
    assert "since outbox" not in here(course, "todo").output
    assert undo(course) == 0
    assert "since outbox/marks-" in capsys.readouterr().out
    shutil.rmtree(pages)  # sent, and of no use any more
    told = here(course, "todo")
    assert "since outbox/marks-" in told.output and "feedback-" not in told.output


@in_turn
def test_is_a_plan_done_twice_said_and_the_last_one_done_the_first_taken_back(
    course: Path,
) -> None:
    """The plan that was made last need not be the one that was applied last."""
    one = {name: json.loads((course / "plan.json").read_text()) for name in ("ada", "bob")}
    for number, (student, plan) in enumerate(one.items()):
        plan["id"] = f"20260101T00000{number}Z"
        plan["submissions"] = [s for s in plan["submissions"] if s["student"] == student]
        (course / f"{student}.json").write_text(json.dumps(plan))
    for student in ("bob", "ada", "ada"):
        done = here(course, "regrade", "--apply", str(course / f"{student}.json"))
        assert done.exit_code == 0, done.output
    assert "is applied already (1 result); no mark was changed" in done.output
    assert "Going on" not in done.output and "recorded" not in done.output
    done = here(course, "regrade", "--undo")
    assert "1 other plan is still applied" in done.output
    now = rows(course)
    assert (now["ada"][SEVEN], now["bob"][SEVEN]) == ((0, None, False), (0, None, False))
    assert "still applied" not in here(course, "regrade", "--undo").output
    assert rows(course)["bob"][SEVEN] == (1, None, False)


def test_does_undo_refuse_what_was_graded_since(course: Path) -> None:
    apply(course)
    grade(course, force=True)
    before = state(course)
    with pytest.raises(Moved, match="graded again after the plan"):
        undo(course)
    assert state(course) == before


STEPS = [
    (put_back, "keep"),
    (ClassGradebook, "save"),
    (graded_folder, "replace_files"),
    (classroom, "save_record"),
]


def killed(where: object, name: str, work: Callable[[], object]) -> None:
    """Run `work` in a process of its own that kill -9 ends at the second call of a step."""
    child = os.fork()
    if child == 0:
        calls = []
        real = getattr(where, name)

        def die(*arguments: object, **named: object) -> object:
            calls.append(1)
            if len(calls) == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        try:
            setattr(where, name, die)
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


@pytest.mark.parametrize(("where", "name"), STEPS)
def test_does_kill_9_at_any_step_leave_a_plan_that_goes_on_or_back(
    course: Path, where: object, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state(course)
    killed(where, name, lambda: apply(course))
    half = Path(shutil.copytree(course, course.parent / "half"))
    assert state(course)["rows"] != before["rows"]
    assert apply(course) == 0
    assert "Going on: 1 done, 3 left." in capsys.readouterr().out
    assert rows(course)["ada"][SEVEN] == (1, None, False)
    assert undo(half) == 0
    assert state(half) == before
    undo(course)
    assert state(course) == before


def test_does_kill_9_in_the_middle_of_undo_leave_it_to_be_done(course: Path) -> None:
    before = state(course)
    apply(course)
    for where, name in ((put_back, "_put_rows_back"), (graded_folder, "replace_files")):
        killed(where, name, lambda: undo(course))
    assert undo(course) == 0
    assert state(course) == before


# ---- the command line ----------------------------------------------------------------------------


def test_does_the_real_command_go_all_the_way(course: Path) -> None:
    """Also piped, and with an engine that runs kernels."""
    engine = ("--engine", "nbgrader")
    done = headcheck(course, "regrade", NAME, "--student", "ada", "--preview", *engine)
    assert done.returncode == 0, done.stderr
    assert "5 -> 6" in done.stdout
    command = next(x for x in done.stdout.splitlines() if x.startswith("To count it: "))
    arguments = command.removeprefix("To count it: headcheck ").split()
    assert headcheck(course, *arguments).returncode == 0
    assert rows(course)["ada"][SEVEN] == (1, None, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say one of --preview, --apply PLAN and --undo"),
        (["--preview", "--undo"], "say one of"),
        (["--apply", "none.json"], "none.json cannot be read"),
        (["--apply", "out.json"], "is no plan"),
        (["--undo"], "no plan was applied here"),
        (["--undo", "plan.json"], "was not applied here"),
        (["--undo", "--student", "ada"], "as a whole"),
    ],
)
def test_is_bad_usage_one_sentence_and_exit_2(
    fixed: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fixed)
    done = here(fixed, "regrade", *arguments)
    assert done.exit_code == 2
    assert said in done.output
