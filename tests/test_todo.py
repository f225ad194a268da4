"""Does `headcheck todo` say what waits, how much of it, and the command for it?"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import closing
from pathlib import Path

import pytest
from marked_course import NAME, QUESTION, here, marked_course

from headcheck.course.directory import Course
from headcheck.desk.todo import Todo, todo, todo_command
from headcheck.grading.by_hand import Mark, answers, mark, questions
from headcheck.grading.gradebook import ClassGradebook


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return marked_course(tmp_path_factory.mktemp("todo"), 6)


def _written(things: list[Todo]) -> Todo:
    return next(thing for thing in things if thing.kind == "written")


def test_what_waits_is_counted_and_the_command_named(course: Path) -> None:
    found = _written(todo(Course.open(course)))
    assert (found.count, found.question, found.assignment) == (5, QUESTION, NAME)
    assert "5 of 6" in found.text  # one handed in the empty cell
    assert found.do == f"headcheck review {NAME} {QUESTION}"


def test_an_answer_that_was_read_does_not_wait_and_one_that_changed_waits_again(
    course: Path,
) -> None:
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        (question,) = questions(gradebook)
        first = next(one for one in answers(gradebook, question) if one.mark.waits)
        now = mark(gradebook, first.id, Mark(1.5, "", False), first.mark)
        assert _written(todo(Course.open(course), gradebook)).count == 4
        mark(gradebook, first.id, Mark(1.5, "", True), now)  # as nbgrader leaves it
        found = _written(todo(Course.open(course), gradebook))
        mark(gradebook, first.id, first.mark, Mark(1.5, "", True))
    assert found.count == 5 and "1 of them again" in found.text


def test_a_mark_that_goes_out_again_after_it_was_changed_is_no_fault(course: Path) -> None:
    """Only whose mark is another one: the table holds everybody's."""
    assert here(course, "export", NAME, "--unfinished").exit_code == 0
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        (question,) = questions(gradebook)
        first = next(one for one in answers(gradebook, question) if one.mark.waits)
        mark(gradebook, first.id, Mark(0.5, "Well said.", False), first.mark)
        (found,) = (one for one in todo(Course.open(course), gradebook) if one.kind == "outdated")
        told = here(course, "todo")
        mark(gradebook, first.id, first.mark, Mark(0.5, "Well said.", False))
        assert not [one for one in todo(Course.open(course), gradebook) if one.kind == "outdated"]
    assert (found.students, found.do) == (
        (first.student,),
        f"headcheck export {NAME} --to csv --unfinished",
    )
    assert (told.exit_code, found.text in told.output) == (0, True)


def test_files_without_a_place_are_named_until_they_have_one(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = tmp_path / "down load"
    for name in ("lovelaceada_4711_90210", "nobodyatall_4712_90211"):
        (download / f"{name}_{NAME}.ipynb").parent.mkdir(exist_ok=True)
        (download / f"{name}_{NAME}.ipynb").write_text("{}")
    roster = course / "students.csv"
    try:
        roster.write_text("id,first_name,last_name\nada,Ada,Lovelace\n")
        assert here(course, "collect", str(download)).exit_code == 1
        (left,) = [one for one in todo(Course.open(course)) if one.kind == "unplaced"]
        assert left.count == 1 and "nobodyatall" in left.text
        assert left.do == f"headcheck collect '{download}' --dry-run"
        # Typed from elsewhere, and with options: what is said is to be typed in the course directory.
        monkeypatch.chdir(download.parent)
        again = ("down load", NAME, "--preset", "canvas")
        assert here(course, "collect", *again).exit_code == 1
        (left,) = [one for one in todo(Course.open(course)) if one.kind == "unplaced"]
        assert left.do == f"headcheck collect '{download}' {NAME} --preset canvas --dry-run"
        roster.write_text("id,first_name,last_name\nada,Ada,Lovelace\nall,Nobody,Atall\n")
        assert "nobodyatall" in here(course, "todo").stdout
        here(course, "collect", str(download))
        assert not [one for one in todo(Course.open(course)) if one.kind == "unplaced"]
    finally:
        roster.unlink()


def test_does_who_had_no_place_wait_on_when_another_section_is_collected(
    course: Path, tmp_path: Path
) -> None:
    def collected(section: str, *names: str) -> str:
        folder = tmp_path / section
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for number, name in enumerate(names):
            (folder / f"{name}_90210{number}_{NAME}.ipynb").write_text("{}")
        here(course, "collect", str(folder))
        return here(course, "todo").stdout

    roster = course / "students.csv"
    try:
        roster.write_text("id,canvas_id\nada,4711\n")
        assert "nobodyatall" in collected("monday", "nobodyatall_4712", "lovelaceada_4711")
        said = collected("tuesday", "lovelaceada_4711", "somebodyelse_4713")
        assert "nobodyatall" in said and "somebodyelse" in said
        roster.write_text("id,canvas_id\nada,4711\nall,4712\n")
        said = collected("both", "nobodyatall_4712", "lovelaceada_4711")
        assert "nobodyatall" not in said and "somebodyelse" in said
        assert "somebodyelse" not in collected("tuesday", "lovelaceada_4711")
    finally:
        roster.unlink()


@pytest.mark.parametrize("lesson", [(), (NAME,)])
def test_does_nothing_wait_for_ever_after_a_list_of_nobody(
    course: Path, tmp_path: Path, lesson: tuple[str, ...]
) -> None:
    """Nobody was found, so no lesson was known; then the list was put right, the zip fetched again."""
    download, again = tmp_path / "submissions", tmp_path / "submissions (1)"
    for folder in (download, again):
        folder.mkdir()
        (folder / f"lovelaceada_4711_90210_{NAME}.ipynb").write_text("{}")
    roster = course / "students.csv"
    try:
        roster.write_text("id,canvas_id\nother,1\n")
        assert here(course, "collect", str(download), *lesson).exit_code == 1
        assert [one for one in todo(Course.open(course)) if one.kind == "unplaced"]
        roster.write_text("id,canvas_id\nada,4711\n")
        assert here(course, "collect", str(again), *lesson).exit_code == 0
        assert not [one for one in todo(Course.open(course)) if one.kind == "unplaced"]
    finally:
        roster.unlink()


def test_the_command_says_it_in_lines_and_in_json(course: Path, tmp_path: Path) -> None:
    loose = course / "submitted" / "stray.ipynb"
    loose.write_text("{}")
    said = here(course, "todo", "--json", str(tmp_path / "todo.json"))
    loose.unlink()
    assert said.exit_code == 1, said.output  # something to put right
    assert f"-> headcheck review {NAME} {QUESTION}" in said.stdout
    assert "stray.ipynb" in said.stdout
    things = json.loads((tmp_path / "todo.json").read_text())
    assert {thing["kind"] for thing in things} == {"handed-in", "written", "misplaced"}
    (new,) = (thing for thing in things if thing["kind"] == "handed-in")
    assert (new["students"], new["do"]) == (["ada", "all"], f"headcheck grade {NAME}")
    assert f"{NAME}: 2 handed in and not graded yet (ada, all)" in said.stdout
    for student in new["students"]:  # collected above
        shutil.rmtree(course / "submitted" / student)
    assert here(course, "todo").exit_code == 0


def test_who_stands_elsewhere_is_told_where_the_commands_are_typed(
    course: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As after `make demo`, whose course is not the one around it."""
    for folder, said in ((tmp_path, True), (course, False)):
        monkeypatch.chdir(folder)
        todo_command(Course.open(course), None)
        assert (f"typed in {course.resolve()}, or with --course" in capsys.readouterr().out) == said


def test_asking_what_waits_and_reading_it_imports_no_torch(course: Path) -> None:
    import subprocess

    code = (
        "import sys\nfrom pathlib import Path\nfrom headcheck.course.directory import Course\n"
        "import headcheck.desk.todo as t\nt.todo(Course.open(Path()))\n"
        "import headcheck.desk.review.server\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=course, check=True)
