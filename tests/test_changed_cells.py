"""Do marks stay when a lesson's graded cells change during the term, and is an older release recognised?"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from in_process import InProcess
from nbformat import NotebookNode
from once import once
from test_grade import FULL, build, gradebook, rows, submit
from test_marked import mark
from tiny_course import LESSON, NAME, add_lesson, headcheck

from headcheck.authoring import release
from headcheck.authoring.build import build as build_lessons
from headcheck.course.cells import Role, grade_id_of
from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.desk import regrade
from headcheck.desk.grade import grade_command
from headcheck.grading.changed_cells import find_changes
from headcheck.grading.pool import LocalPool
from headcheck.grading.submission import Run
from headcheck.grading.work import Work

CHECK = (
    '# %% nbgrader={{"grade": true, "grade_id": "{}", "locked": true, "points": {}, "schema_version": 3, '
    '"solution": false, "task": false}} tags=["raises-exception"]\n'
)
LAST = CHECK.format("test_seven", 1)
NEW_CHECK = CHECK.format("test_seven_kind", 2) + (
    'with checking("seven"):\n    expect(isinstance(seven, int), "seven is a whole number")\n\n'
)
WRITTEN = LESSON[LESSON.index('# %% [markdown] nbgrader={"grade": true, "grade_id": "why_twice"') :]


def added(text: str) -> str:
    return text.replace("# %% tags=", NEW_CHECK + "# %% tags=")


def removed(text: str) -> str:
    start = text.index(CHECK.format("test_double_text", 1))
    return text[:start] + text[text.index("# %% nbgrader", start + 5) :]


def renamed(text: str) -> str:
    """double is called twofold, and so are its checks; why_twice is why_double."""
    for old, new in {
        "double": "twofold",
        "test_double": "test_twofold",
        "test_double_text": "test_twofold_text",
        "why_twice": "why_double",
    }.items():
        line = next(each for each in text.splitlines() if f'"grade_id": "{old}"' in each)
        now = line.replace(f'"{old}"', f'"{new}"') + f' was="{old}"'
        text = text.replace(line, now)
    return (
        text.replace("def double", "def twofold")
        .replace("double(", "twofold(")
        .replace('checking("double")', 'checking("twofold")')
    )


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three graded submissions of the first release, some of it marked by hand; one handed in since."""
    good = once(tmp_path_factory, "built", build) / "course"
    course = Path(shutil.copytree(good, tmp_path_factory.mktemp("changed") / "course"))
    submit(course, "ada", FULL | {"why_twice": "Because."})
    submit(course, "bob", FULL | {"seven": "seven = 8"})
    submit(course, "cy", {})
    grade(course)
    mark(course, "why_twice", 2)
    mark(course, "test_double_text", 0.5)
    with closing(gradebook(course)) as gb:
        gb.find_comment("why_twice", NAME, NAME, "ada").manual_comment = "Good, and short."
        gb.db.commit()
    shutil.rmtree(course / "backups", ignore_errors=True)
    return course


@pytest.fixture
def course(marked: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(marked, tmp_path / "course"))


class Everything(InProcess):
    """Demos run, too: as in a student's process."""

    def run(self, notebook: NotebookNode, roles: Sequence[Role], work: Work) -> Run:
        return super().run(notebook, ["setup" if role == "demo" else role for role in roles], work)


def grade(course: Path) -> list[dict]:
    out = course / "out.json"
    pool = LocalPool(Everything(), 1)
    grade_command(Course.open(course), [NAME], [], force=False, json_file=out, pool=pool)
    return json.loads(out.read_text())


def rebuild(course: Path, text: str, *, migrating: bool = True) -> tuple[list[str], list[str]]:
    """What the build says, and its problems."""
    add_lesson(course, NAME, text)
    found = Course.open(course)
    said: list[str] = []
    lesson = Lesson(found, NAME)
    problems = build_lessons(
        found, [lesson], trying=False, draws=1, migrating=migrating, say=said.append
    )
    return said, problems


def marks(course: Path, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
    return {k: v for k, v in rows(course)[student].items()}


def preview(course: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    regrade.preview_command(
        Course.open(course),
        [],
        [],
        pool=LocalPool(Everything(), 1),
        force=False,
        plan_file=None,
        json_file=None,
    )
    return capsys.readouterr().out


# ---- the gradebook -------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [added, removed, renamed])
def test_is_it_shown_first_and_nothing_changed(course: Path, change) -> None:
    database = (course / "gradebook.db").read_bytes()
    released = (course / "notebooks" / NAME / f"{NAME}.ipynb").read_bytes()
    said, (problem,) = rebuild(course, change(LESSON), migrating=False)
    assert said == [f"{NAME}: NOT built"]
    assert "the gradebook has 3 submissions of it" in problem and "--migrate" in problem
    assert (course / "gradebook.db").read_bytes() == database
    assert (course / "notebooks" / NAME / f"{NAME}.ipynb").read_bytes() == released


def test_does_a_new_check_leave_every_mark_and_count_when_it_is_graded(course, capsys) -> None:
    before = marks(course, "ada")
    said, problems = rebuild(course, added(LESSON))
    assert problems == []
    assert f"{NAME}: added    test_seven_kind (2 points; counts 0 until it is graded)" in said
    after = marks(course, "ada")
    assert after.pop("test_seven_kind") == (None, None, False)
    assert after == before
    assert "test_seven_kind" in preview(course, capsys)
    results = {one["student"]: one for one in grade(course)}
    assert results["ada"]["score"] == results["bob"]["score"] + 1
    after = marks(course, "ada")
    assert after.pop("test_seven_kind") == (2, None, False)
    assert after == before  # the marks by hand, too, and nothing waits again


def test_is_what_was_given_for_a_check_that_goes_kept_in_a_file(course) -> None:
    before = marks(course, "ada")
    said, problems = rebuild(course, removed(LESSON))
    assert problems == []
    assert any(
        "test_double_text (1 point): 1 mark by hand is kept in a file" in line for line in said
    )
    before.pop("test_double_text")
    assert marks(course, "ada") == before
    (table,) = (course / "backups").glob(f"marks-removed-{NAME}-*.csv")
    kept = {row["student"]: row for row in csv.DictReader(table.open())}
    assert (kept["ada"]["by hand"], kept["ada"]["by the grader"]) == ("0.5", "1.0")
    assert set(kept) == {"ada", "bob", "cy"}
    copy = min((course / "backups").glob("gradebook-*.db"))
    assert str(copy.relative_to(course)) in " ".join(said)
    grade(course)
    assert marks(course, "ada") == before


def test_do_all_marks_and_comments_go_along_with_a_new_name(course) -> None:
    before = marks(course, "ada")
    said, problems = rebuild(course, renamed(LESSON))
    assert problems == []
    assert f"{NAME}: renamed  why_twice -> why_double: 1 mark by hand goes along" in said
    names = {
        "test_double": "test_twofold",
        "test_double_text": "test_twofold_text",
        "why_twice": "why_double",
    }
    expected = {names.get(name, name): each for name, each in before.items()}
    assert marks(course, "ada") == expected
    with closing(gradebook(course)) as gb:
        assert gb.find_comment("why_double", NAME, NAME, "ada").comment == "Good, and short."
    for result in grade(course):  # of the old release, with the old names
        assert not any("had been deleted" in note for note in result["notes"])
    assert marks(course, "ada") == expected  # nothing has to be read again


def test_is_a_lesson_that_nobody_handed_in_simply_built(course) -> None:
    with closing(gradebook(course)) as gb:
        for student in ("ada", "bob", "cy"):
            gb.remove_submission(NAME, student)
    said, problems = rebuild(course, added(LESSON), migrating=False)
    assert (said[0], problems) == (f"{NAME}: built", [])


def test_is_a_changed_maximum_said_no_mark_by_hand_changed_and_no_question_asked(course) -> None:
    lower = LESSON.replace(
        '"why_twice", "locked": false, "points": 2', '"why_twice", "locked": false, "points": 1'
    )
    assert lower != LESSON
    add_lesson(course, NAME, added(lower))
    changes = find_changes(
        Course.open(course), NAME, release.reference(Lesson(Course.open(course), NAME))
    )
    assert "points   why_twice: 2 -> 1; 1 mark by hand is above that now, and stays" in changes.told
    assert rebuild(course, lower, migrating=False)[1] == []
    assert marks(course, "ada")["why_twice"][1] == 2


def test_is_a_question_that_moved_no_change_at_all(course) -> None:
    moved = LESSON.replace(WRITTEN, "")
    head = moved.index("# %% nbgrader")
    assert rebuild(course, moved[:head] + WRITTEN + "\n" + moved[head:], migrating=False)[1] == []
    assert marks(course, "ada")["why_twice"][1] == 2


def test_may_two_cells_take_over_the_same_marks(course) -> None:
    twice = added(renamed(LESSON)).replace('"test_seven_kind"', '"test_seven_kind"')
    line = next(each for each in twice.splitlines() if '"grade_id": "test_seven_kind"' in each)
    add_lesson(course, NAME, twice.replace(line, line + ' was="why_twice"'))
    found = Course.open(course)
    with pytest.raises(CourseError, match="says so, too"):
        find_changes(found, NAME, release.reference(Lesson(found, NAME)))


def test_is_nothing_half_done_when_the_gradebook_cannot_be_written(course, monkeypatch) -> None:
    from headcheck.grading import changed_cells

    def stops(*_: object) -> None:
        raise OSError(28, "No space left on device", "gradebook.db")

    monkeypatch.setattr(changed_cells, "_add", stops)
    before = rows(course)
    with pytest.raises(OSError):
        rebuild(course, added(removed(LESSON)))
    assert rows(course) == before
    monkeypatch.undo()
    assert rebuild(course, added(removed(LESSON)))[1] == []
    assert "test_double_text" not in rows(course)["ada"]


def test_does_the_command_line_show_it_and_do_it(course) -> None:
    add_lesson(course, NAME, added(LESSON))
    shown = headcheck(course, "build", "--no-verify")
    assert shown.returncode == 1 and "added    test_seven_kind" in shown.stderr
    done = headcheck(course, "build", "--no-verify", "--migrate")
    assert done.returncode == 0, done.stderr
    assert "what was there is kept in backups/gradebook-" in done.stdout
    assert "headcheck regrade 01-double --preview" in done.stdout
    again = headcheck(course, "build", "--no-verify")
    assert again.returncode == 0 and "nothing changed" in again.stdout


# ---- a submission of an older release ------------------------------------------------------------


def notes_of(course: Path, student: str) -> list[str]:
    return next(one["notes"] for one in grade(course) if one["student"] == student)


def test_is_an_older_release_said_when_all_that_is_new_is_a_check(course) -> None:
    rebuild(course, added(LESSON))
    (note,) = notes_of(course, "ada")
    assert note.startswith(
        "It was handed in with an older release of the lesson (test_seven_kind added since)"
    )


def test_is_a_removed_check_no_stray_label(course) -> None:
    rebuild(course, removed(LESSON))
    (note,) = notes_of(course, "ada")
    assert "(test_double_text removed since)" in note


def test_does_an_answer_with_its_old_name_keep_its_points(course) -> None:
    rebuild(course, renamed(LESSON))
    (note,) = notes_of(course, "ada")
    assert "double to twofold" in note and "older release" in note
    graded = nbformat.read(course / "autograded" / "ada" / NAME / f"{NAME}.ipynb", as_version=4)
    place = [grade_id_of(cell) for cell in graded.cells].index("twofold")
    assert graded.cells[place].source == FULL["double"]
    assert graded.cells[place + 1].source.startswith("twofold = double")
    assert marks(course, "ada")["test_twofold"][0] == 2


def test_is_a_question_that_the_student_never_had_left_to_the_ta(course) -> None:
    more = WRITTEN.replace("why_twice", "why_not")
    rebuild(course, LESSON + "\n" + more)
    notes = notes_of(course, "ada")
    assert "(why_not added since)" in notes[0]
    assert notes[1].startswith("why_not was not asked in the release that this student had")


def test_is_a_check_that_the_student_deleted_still_said_to_be_deleted(course) -> None:
    folder = submit(course, "dee", FULL)
    file = folder / f"{NAME}.ipynb"
    mine = nbformat.read(file, as_version=4)
    mine.cells = [cell for cell in mine.cells if grade_id_of(cell) != "test_seven"]
    nbformat.write(mine, file)
    rebuild(course, added(LESSON))
    notes = notes_of(course, "dee")
    assert "(test_seven_kind added since)" in notes[0]
    assert "test_seven" in notes[1] and len(notes) == 2
