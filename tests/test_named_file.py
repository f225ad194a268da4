"""Does a slip of the keyboard cost nothing: is only what a command made written over?"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from hours import in_turn
from lms_class import copy_of
from marked_course import here
from ordinary_user import as_ordinary_user
from test_export import CANVAS
from tiny_course import NAME, headcheck, make_course

from headcheck.course import as_left
from headcheck.course.directory import Course
from headcheck.desk import outbox
from headcheck.desk.outbox import write_filled, write_folder


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = copy_of(tmp_path_factory)(tmp_path_factory.mktemp("named"))
    (made / "Grades.csv").write_text(CANVAS)
    headcheck(made, "export", NAME)  # penalties are worked out
    return made


def contents(course: Path) -> dict[Path, bytes]:
    files = [path for path in course.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files if ".headcheck" not in path.parts}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["export", NAME, "--output", "students.csv"], "students.csv is there already"),
        (["export", NAME, "--output", "submitted"], "submitted is a folder; name a file in it"),
        (
            f"export {NAME} --to canvas --template Grades.csv --output Grades.csv".split(),
            "Grades.csv is the template itself",
        ),
        (["export", NAME, "--to", "gradescope", "--output", "submitted"], "submitted holds .coll"),
        (["feedback", NAME, "--output", "submitted"], "submitted holds .collected/"),
        (["feedback", NAME, "--output", "submitted", "--student", "ada"], "submitted holds .coll"),
        (["feedback", NAME, "--output", "students.csv"], "students.csv is a file; name a folder"),
        (["feedback", NAME, "--for", "canvas", "--output", "in.zip"], "in.zip is there already"),
        (["report", "--csv", "source"], "source, which holds the course's own files"),
        (["report", "--csv", ".headcheck"], ".headcheck, which holds the course's own files"),
        (["todo", "--json", f"submitted/../source/{NAME}/todo.json"], "holds the course's own"),
        (["feedback", NAME, "--output", "submitted/pages"], "holds the course's own files"),
        (["todo", "--json", f"notebooks/{NAME}/{NAME}.ipynb"], "is there already and was not made"),
        (["similarity", "--csv", "gradebook.db"], "gradebook.db is there already"),
        (["grade", "--force", "--json", "students.csv"], "students.csv is there already"),
        (["grade", "--dry-run", "--json", "gradebook.db"], "gradebook.db is there already"),
        (["regrade", "--preview", "--json", "gradebook.db"], "gradebook.db is there already"),
        (
            ["regrade", "--preview", "--plan", f"notebooks/{NAME}/{NAME}.ipynb"],
            "was not made by this command",
        ),
    ],
)
def test_is_nothing_written_over_that_no_command_made(
    course: Path, command: list[str], said: str
) -> None:
    shutil.make_archive(str(course / "in"), "zip", course / "submitted")
    before = contents(course)
    done = headcheck(course, *command)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    after = contents(course)
    assert {path: after.get(path) for path in before} == before


@pytest.mark.parametrize(
    "command",
    [
        ["export", NAME, "--output", "marks.csv"],
        ["todo", "--json", "todo.json"],
        ["feedback", NAME, "--output", "pages"],
        ["feedback", NAME, "--for", "canvas", "--output", "pages.zip"],
    ],
)
def test_is_what_a_command_made_made_again(course: Path, command: list[str]) -> None:
    first = headcheck(course, *command)
    again = headcheck(course, *command)
    assert (again.returncode, again.stdout) == (first.returncode, first.stdout)
    assert "was not made" not in again.stderr


def test_is_what_a_computer_left_beside_it_nobodys(course: Path) -> None:
    command = ["feedback", NAME, "--output", "left"]
    assert headcheck(course, *command).returncode == 0
    (course / "left" / ".DS_Store").touch()
    assert headcheck(course, *command).returncode == 0


def test_is_an_lms_table_with_typed_marks_not_taken_for_ours(course: Path) -> None:
    """It begins as the one that is filled: only what an export left there is written over."""
    typed, template = course / "typed.csv", ["--template", "Grades.csv", "--output"]
    typed.write_text(CANVAS.replace("\r\n", "\n") + "# a mark of 7.25 that somebody typed\n")
    before = typed.read_bytes()
    refused = headcheck(course, "export", NAME, "--to", "canvas", *template, "typed.csv")
    assert refused.returncode == 2 and "typed.csv is there already" in refused.stderr
    assert typed.read_bytes() == before
    for _ in range(2):  # ours, and again
        done = headcheck(course, "export", NAME, "--to", "canvas", *template, "filled.csv")
        assert done.returncode != 2, done.stderr
    filled = course / "filled.csv"
    filled.write_bytes(filled.read_bytes() + b"# typed\n")
    refused = headcheck(course, "export", NAME, "--to", "canvas", *template, "filled.csv")
    assert refused.returncode == 2 and filled.read_bytes().endswith(b"# typed\n")


def test_is_what_a_person_typed_into_the_outbox_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who mends a mark in the table that is to be sent, and exports once more, finds it again."""
    course = Course.open(make_course(tmp_path / "course"))
    target = course.root / "outbox" / "marks.csv"
    for data in (b"a,1\n", b"a,2\n"):
        write_filled(course, target, data, named=False)
    for typed in (b"a,7\n", b"a,8\n"):
        target.write_bytes(typed)
        write_filled(course, target, b"a,3\n", named=False)
    kept = {path.name: path.read_bytes() for path in target.parent.iterdir()}
    assert kept == {
        "marks.csv": b"a,3\n",
        "marks-changed-1.csv": b"a,7\n",
        "marks-changed-2.csv": b"a,8\n",
    }
    assert "marks.csv was changed since it was made; what it held is marks-changed-1.csv now." in capsys.readouterr().err  # fmt: skip


@pytest.mark.parametrize(("where", "step"), [(as_left, "write_if_allowed"), (outbox, "write_file")])
def test_is_a_table_of_ours_no_persons_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: object, step: str
) -> None:
    """What is remembered of it and the table are two files: ended after either one, both are ours."""
    course = Course.open(make_course(tmp_path / "course"))
    target = course.root / "outbox" / "marks.csv"
    write_filled(course, target, b"a,1\n", named=False)
    real = getattr(where, step)

    def ended(*arguments: object, **named: object) -> None:
        real(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(where, step, ended)
        with pytest.raises(KeyboardInterrupt):
            write_filled(course, target, b"a,2\n", named=False)
    write_filled(course, target, b"a,3\n", named=False)
    assert [path.name for path in target.parent.iterdir()] == ["marks.csv"]


def test_are_the_pages_there_that_a_killed_command_had_moved_aside(tmp_path: Path) -> None:
    """Between its two renames: then one student's page is made anew, and the others are to stay."""
    course = Course.open(make_course(tmp_path / "course"))
    pages, one = tmp_path / "pages", {"ada/page.html": b"new"}
    write_folder(course, pages, one | {"grace/page.html": b"old"}, add=False)
    aside = tmp_path / ".pages.abc.part"
    (aside / "new").mkdir(parents=True)
    pages.rename(aside / "old")
    write_folder(course, pages, one, add=True)
    assert (pages / "grace" / "page.html").read_bytes() == b"old"
    assert (pages / "ada" / "page.html").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course", "pages"]


def test_is_what_a_person_wrote_into_a_page_kept(course: Path, tmp_path: Path) -> None:
    """One student's page gets a line of one's own, and next week all pages are made again."""
    own = Path(shutil.copytree(course, tmp_path / "course"))
    there = own / "outbox"
    pages = there / f"feedback-{NAME}"

    def again(*more: str) -> str:
        done = here(own, "feedback", NAME, *more)
        assert done.exit_code == 0, done.output
        return done.stderr

    assert again() == ""
    page = pages / "ada" / "feedback.html"
    for number, which in ((1, ()), (2, ("--student", "ada"))):
        page.write_text(page.read_text() + f"<p>See me, {number}.")
        said = again(*which)
        assert f"changed in {pages} since it was made: ada/feedback.html; as they were" in said
        (kept,) = (there / f"feedback-{NAME}-changed-{number}").rglob("*.html")
        assert f"See me, {number}." in kept.read_text() and "See me" not in page.read_text()
    assert again("--student", "bob") == "" and again() == ""
    zipped = there / f"feedback-{NAME}-canvas.zip"
    for changes in (0, 0, 1):
        if changes:
            zipped.write_bytes(zipped.read_bytes() + b"more")
        done = here(own, "feedback", NAME, "--for", "canvas")
        assert done.stderr.count("was changed since it was made") == changes
    assert (there / f"feedback-{NAME}-canvas-changed-1.zip").exists()


@pytest.mark.parametrize(
    ("command", "table"),
    [
        (("export", NAME, "--output"), "mine.csv"),
        (("report", "--csv"), "tables/marks.csv"),
        (("similarity", "--csv"), "pairs.csv"),
    ],
)
def test_is_a_note_in_a_table_of_a_name_of_ones_own_not_written_over(
    course: Path, tmp_path: Path, command: tuple[str, ...], table: str
) -> None:
    own = Path(shutil.copytree(course, tmp_path / "course"))
    file = own / table
    for typed, code in (("", 0), ("", 0), ("a note of mine", 2)):
        if typed:
            file.write_text(file.read_text() + typed)
        verb, *options = command
        done = here(own, verb, *options, str(own / table.partition("/")[0]))
        assert done.exit_code == code, done.output
    assert file.read_text().endswith("a note of mine") and "is there already" in done.stderr


@pytest.mark.parametrize("verb", ["report", "similarity"])
def test_is_what_a_person_wrote_into_a_report_kept_beside_the_new_one(
    course: Path, tmp_path: Path, verb: str
) -> None:
    """Each grading makes the report anew; what is no page of ours, or has a note in it, is somebody's."""
    own = Path(shutil.copytree(course, tmp_path / "course"))
    page = own / f"{verb}.html"
    page.write_text("<!doctype html>\n<h1>My thesis</h1>\n")
    first = here(own, verb)
    assert first.exit_code == 0 and "what it held is" in first.stderr, first.output
    assert (own / f"{verb}-changed-1.html").read_text().endswith("<h1>My thesis</h1>\n")
    (own / "students.csv").write_text("id\nada\n")  # so that the report is another one
    again = here(own, verb)
    assert again.exit_code == 0 and "changed" not in again.stderr  # nobody touched it
    page.write_text(page.read_text().replace("</h1>", "</h1><p>Ask Bob.</p>", 1))
    (own / "students.csv").write_text("id\nbob\n")
    here(own, verb)
    assert "<p>Ask Bob.</p>" in (own / f"{verb}-changed-2.html").read_text()
    assert "<p>Ask Bob.</p>" not in page.read_text()


def test_are_folders_of_other_names_kept_too(course: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(course, tmp_path / "course"))
    with (own / "grader_config.py").open("a") as config:
        config.write('c.CourseDirectory.submitted_directory = "handed"\n')
    (own / "submitted").rename(own / "handed")
    done = headcheck(own, "report", "--csv", "handed")
    assert done.returncode == 2
    assert "handed, which holds the course's own files" in done.stderr
    assert not list((own / "handed").glob("*.csv"))


@in_turn
def test_may_who_only_reads_a_course_have_its_marks_elsewhere(
    course: Path, open_to_all: Path
) -> None:
    """What is remembered of a table lies in the course; without that it is a table all the same."""
    if os.getuid() != 0:
        pytest.skip("this already is an ordinary user")
    own = Path(shutil.copytree(course, open_to_all / "course"))
    elsewhere = open_to_all / "mine"
    elsewhere.mkdir()
    elsewhere.chmod(0o777)
    for path in (own, *own.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    filled, pages = elsewhere / "filled.csv", elsewhere / "pages"
    canvas = ("--to", "canvas", "--template", "Grades.csv")
    for command, made in (
        (("export", NAME, "--output", str(elsewhere / "marks.csv")), elsewhere / "marks.csv"),
        (("export", NAME, *canvas, "--output", str(filled)), filled),
        (("feedback", NAME, "--output", str(pages)), pages),
    ):
        done = as_ordinary_user(own, 12345, "-B", "-m", "headcheck.cli", *command)
        assert done.returncode in (0, 1) and made.exists(), done.stderr
        assert "headcheck:" not in done.stderr
    done = as_ordinary_user(own, 12345, "-B", "-m", "headcheck.cli", "feedback", NAME)
    assert done.returncode == 2
    assert ".part" not in done.stderr and f"{own / 'outbox'}" in done.stderr


def test_is_a_folder_that_a_full_disk_cannot_hold_called_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by that of the one beside it, which is gone when somebody looks."""

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    course = Course.open(make_course(tmp_path / "course"))
    monkeypatch.setattr(outbox, "write_whole", full)
    with pytest.raises(OSError) as raised:
        write_folder(course, tmp_path / "pages", {"ada/page.html": b"new"}, add=False)
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, str(tmp_path / "pages"))
    assert [path.name for path in tmp_path.iterdir()] == ["course"]
