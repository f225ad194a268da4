"""Is trouble with the gradebook told as what it is, and can nothing of a person's be lost by it?"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from hours import in_turn
from nbgrader.api import Gradebook
from once import once
from ordinary_user import as_ordinary_user
from sqlalchemy.exc import InterfaceError, OperationalError
from tiny_course import NAME, ROOT, headcheck, make_course, run_python

from headcheck.course.directory import Course, CourseError
from headcheck.grading import backups
from headcheck.grading.backups import copy_gradebook
from headcheck.grading.database import in_words, patient, sentence
from headcheck.grading.gradebook import ClassGradebook

ENGINE = ("--engine", "nbgrader")
# Waiting for a lock would take as long as it is set here.
QUICK = "\nc.CourseDirectory.db_url = 'sqlite:///gradebook.db?timeout=0.1'\n"
SECRET = "s3cr:et"
SERVER = "postgresql://ta:s3cr%3Aet@db.example.org/book"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(place: Path) -> None:
        course = make_course(place / "course")
        done = headcheck(course, "build", "--no-verify")
        assert done.returncode == 0, done.stderr
        for student in ("ada", "bob"):  # no notebooks: they are recorded, and no kernel is needed
            folder = course / "submitted" / student / NAME
            folder.mkdir(parents=True)
            (folder / f"{NAME}.ipynb").write_text("{")

    return once(tmp_path_factory, "gradebook", make) / "course"


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "course"))


def gradebook(course: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}", "body-and-head")


def students(course: Path) -> list[str]:
    with closing(sqlite3.connect(course / "gradebook.db")) as db:
        return [row[0] for row in db.execute("SELECT id FROM student ORDER BY id")]


@contextmanager
def locked(course: Path) -> Iterator[None]:
    with closing(sqlite3.connect(course / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode in (1, 2), done.stdout + done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("headcheck: ")]
    assert len(said) == 1 and "Traceback" not in done.stderr, done.stderr
    for word in words:
        assert word in said[0]


# ---- what is wrong, and what is not --------------------------------------------------------------


@pytest.mark.parametrize("command", [("grade", *ENGINE), ("report",), ("build", "--no-verify")])
def test_is_a_locked_gradebook_called_locked_and_not_damaged(course: Path, command) -> None:
    assert headcheck(course, "grade", *ENGINE).returncode == 0
    with (course / "grader_config.py").open("a") as file:
        file.write(QUICK)
    if command[0] == "build":
        with (course / "source" / NAME / f"{NAME}.py").open("a") as file:
            file.write("\n# %% [markdown]\n# One more word.\n")
    with locked(course):
        done = headcheck(course, *command)
    one_sentence(done, "in use by another program", "not damaged")
    assert "copy" not in done.stderr


def test_does_a_short_wait_for_another_program_cost_nothing(course: Path) -> None:
    """Formgrader writes for a moment; SQLite itself waits, and so does whoever grades."""
    hold = (
        "import sqlite3, time; c = sqlite3.connect('gradebook.db', isolation_level=None); "
        "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); time.sleep(7)"
    )
    other = subprocess.Popen([sys.executable, "-c", hold], cwd=course, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    done = headcheck(course, "grade", *ENGINE)
    other.communicate()
    assert done.returncode == 0, done.stderr
    assert students(course) == ["ada", "bob"]


def test_is_a_damaged_gradebook_called_damaged(course: Path) -> None:
    (course / "gradebook.db").write_bytes(b"not a database at all " * 100)
    before = (course / "gradebook.db").read_bytes()
    one_sentence(headcheck(course, "grade", *ENGINE), "damaged", "backups/")
    assert (course / "gradebook.db").read_bytes() == before


IN_A_ROOM = """\
set -e
mkdir "$1/small"
{mount}
cd "$1/small"
set +e
"$2" -m headcheck.cli grade --engine nbgrader
echo "code $?" >&2
find . -name '*.part' -o -name '.*.part' -o -name '*-journal' >&2
"$2" -c "import sqlite3; d = sqlite3.connect('file:gradebook.db?mode=ro', uri=True)
print('students', d.execute('SELECT count(*) FROM student').fetchone()[0],
      d.execute('PRAGMA integrity_check').fetchone()[0], file=__import__('sys').stderr)"
"""
FULL = """\
mount -t tmpfs -o size=3m none "$1/small"
cp -r "$1"/course/. "$1/small"
dd if=/dev/zero of="$1/small/filler" bs=4096 2>/dev/null || true
"""
READ_ONLY = """\
mount --bind "$1/course" "$1/small"
mount -o remount,ro,bind "$1/small"
"""


@pytest.mark.parametrize(
    ("mount", "words"), [(FULL, ["full"]), (READ_ONLY, ["read-only"])], ids=["full", "read-only"]
)
def test_is_a_disk_that_takes_nothing_one_sentence(
    course: Path, tmp_path: Path, mount: str, words: list[str]
) -> None:
    room = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*room, "true"]).returncode:
        pytest.skip("needs a file system of its own (unshare)")
    done = subprocess.run(
        [*room, IN_A_ROOM.format(mount=mount), "sh", str(tmp_path), sys.executable],
        capture_output=True,
        text=True,
        timeout=120,
    )
    *said, code, rest = done.stderr.strip().splitlines()
    assert code in ("code 1", "code 2"), done.stderr  # nothing half-written lies between the two
    assert rest == "students 0 ok"
    assert len(said) == 1 and all(word in said[0] for word in words), done.stderr
    assert "damaged" not in done.stderr


def test_is_it_the_copies_that_are_named_when_their_disk_is_full(course: Path) -> None:
    """`backups/` may lie on another one than the gradebook, which was named."""
    assert headcheck(course, "grade", *ENGINE).returncode == 0
    code = (
        "import sqlite3, sys; from headcheck.grading import backups\n"
        "class Full(sqlite3.Connection):\n"
        "    def backup(self, copy):\n"
        "        copy.execute('PRAGMA max_page_count = 2'); super().backup(copy)\n"
        "connect = sqlite3.connect\n"
        "backups.sqlite3.connect = lambda *a, **k: connect(*a, factory=Full, **k)\n"
        "sys.argv = ['headcheck', 'grade', '--force', '--engine', 'nbgrader']\n"
        "from headcheck.cli import app; app()"
    )
    done = run_python(course, "-c", code)
    one_sentence(done, "no copy of the gradebook could be made in", "backups", "No space left")
    assert "cannot grow" not in done.stderr


@in_turn
def test_is_a_full_disk_in_the_middle_of_a_run_one_sentence(course: Path) -> None:
    """The first submission still finds room; the gradebook says so itself for the second."""
    code = (
        "import sys, sqlite3; from headcheck.grading import gradebook as g\n"
        "save, saved = g.ClassGradebook._save, []\n"
        "def full(self, *a):\n"
        "    if saved:\n"
        "        pages = self.gb.db.connection().exec_driver_sql('PRAGMA page_count').scalar()\n"
        "        self.gb.db.connection().exec_driver_sql(f'PRAGMA max_page_count = {pages}')\n"
        '        self.gb.db.connection().exec_driver_sql("CREATE TABLE big AS SELECT randomblob(99999)")\n'
        "    saved.append(1); return save(self, *a)\n"
        "g.ClassGradebook._save = full\n"
        "sys.argv = ['headcheck', 'grade', '--engine', 'nbgrader']\n"
        "from headcheck.cli import app; app()"
    )
    done = run_python(course, "-c", code)
    one_sentence(done, "full", "What was finished is kept")
    assert students(course) == ["ada"]
    assert headcheck(course, "grade", *ENGINE).returncode == 0
    assert students(course) == ["ada", "bob"]


@in_turn
def test_is_a_disk_that_is_full_for_a_graded_notebook_one_sentence(course: Path) -> None:
    """The marks are safe by then, and the next run goes on with this very submission."""
    code = (
        "import sys, errno; from headcheck.course import files\n"
        "replace = files._replace\n"
        "def full(path, data):\n"
        "    if 'autograded' in path.parts:\n"
        "        raise OSError(errno.ENOSPC, 'No space left on device', '/aside')\n"
        "    replace(path, data)\n"
        "files._replace = full\n"
        "sys.argv = ['headcheck', 'grade', '--engine', 'nbgrader']\n"
        "from headcheck.cli import app; app()"
    )
    done = run_python(course, "-c", code)
    one_sentence(done, "autograded/", ": the disk of", "full")
    assert headcheck(course, "grade", *ENGINE).returncode == 0
    assert students(course) == ["ada", "bob"]
    for student in students(course):
        assert (course / "autograded" / student / NAME / f"{NAME}.ipynb").exists()


def test_may_an_ordinary_user_who_must_not_write_read_a_sentence(course: Path) -> None:
    """Another person's gradebook: no write permission, and no root to overrule that."""
    command = ["-B", "-m", "headcheck.cli", "grade", *ENGINE]
    if os.getuid() == 0:
        for folder in course.parents:
            if folder.owner() == "root" and folder != Path("/") and not folder.stat().st_mode & 1:
                folder.chmod(folder.stat().st_mode | 0o055)
        done = as_ordinary_user(course, 12345, *command)
    else:
        for path in [course, *course.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
        done = subprocess.run(
            [sys.executable, *command], cwd=course, capture_output=True, text=True, check=False
        )
    one_sentence(done, "ls -ld")
    for path in [course, *course.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    assert students(course) == []


# ---- a database on a server ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly")),
        OperationalError("SELECT 1", {}, Exception(f"no pg_hba entry for {SERVER}")),
        InterfaceError("SELECT 1", {}, Exception(f"connection lost (password {SECRET})")),
        ValueError(f"cannot use {SERVER}"),
    ],
)
def test_is_a_lost_server_no_damage_and_its_password_no_message(error: Exception) -> None:
    said = sentence(SERVER, error)
    assert "s3cr" not in said
    assert "db.example.org" in said
    assert "damaged" not in said and "copy" not in said


@pytest.mark.parametrize(
    "url",
    [
        SERVER,
        "postgresql://db.example.org/book?user=ta&password=s3cr%3Aet",
        "postgresql:/ta:s3cr%3Aet@db.example.org",
        "nosuchdatabase://ta:s3cr%3Aet@db.example.org/book",
    ],
)
def test_is_a_password_in_no_word_of_the_command_line(course: Path, url: str) -> None:
    with (course / "grader_config.py").open("a") as file:
        file.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    for command in (("grade", *ENGINE), ("report",)):
        done = headcheck(course, *command)
        one_sentence(done, "db_url")
        assert "s3cr" not in done.stdout + done.stderr


def test_is_patience_added_to_sqlite_alone() -> None:
    assert "timeout=20" in patient("sqlite:////srv/gradebook.db")
    assert patient("sqlite:///g.db?timeout=3") == "sqlite:///g.db?timeout=3"
    assert patient(SERVER) == SERVER


# ---- two at once ---------------------------------------------------------------------------------


def save(book: ClassGradebook, student: str) -> None:
    import nbformat

    notebook = nbformat.read(book.course.root / "notebooks" / NAME / f"{NAME}.ipynb", as_version=4)
    when = datetime(2030, 1, 1)
    book.save(notebook, student=student, assignment=NAME, name=NAME, timestamp=when)


def test_is_a_student_whom_another_grader_adds_meanwhile_recorded(
    course: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with closing(ClassGradebook(Course.open(course))) as book:
        really = book._save

        def a_moment_later(*arguments: object) -> None:
            def add_first(student: str, **more: object) -> object:
                with closing(gradebook(course)) as other:
                    other.update_or_create_student(student)
                return type(book.gb).add_student(book.gb, student, **more)

            book.gb.add_student = add_first
            book._save = really
            really(*arguments)

        book._save = a_moment_later
        save(book, "ada")
    assert students(course) == ["ada"]
    said = capfd.readouterr()
    assert "Traceback" not in said.err and "Rolling back" not in said.err


@in_turn
def test_do_two_who_grade_one_course_not_meet(course: Path) -> None:
    hold = (
        "from pathlib import Path; from headcheck.course.directory import Course\n"
        "from headcheck.grading.alone import alone\n"
        "with alone(Course.open(Path()), wait=False):\n"
        "    print('held', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", hold],
        cwd=course,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None and other.stdin is not None
    assert other.stdout.readline() == "held\n"
    done = headcheck(course, "grade", *ENGINE)
    one_sentence(done, f"process {other.pid} of ", "since 20", "--wait")
    assert done.returncode == 1
    assert students(course) == []
    waiting = subprocess.Popen(
        [sys.executable, "-m", "headcheck.cli", "grade", "--wait", *ENGINE],
        cwd=course,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert waiting.stderr is not None
    assert f"process {other.pid} of " in waiting.stderr.readline()
    other.kill()  # whoever dies holds nothing any more
    other.wait()
    waiting.communicate(timeout=120)
    assert waiting.returncode == 0
    assert students(course) == ["ada", "bob"]


# ---- copies --------------------------------------------------------------------------------------


def copies(course: Path) -> list[Path]:
    return sorted((course / "backups").glob("gradebook-*"))


def test_is_the_gradebook_copied_before_a_run_that_changes_it(course: Path) -> None:
    for path in copies(course):
        path.unlink()
    assert headcheck(course, "grade", *ENGINE).returncode == 0
    (copy,) = copies(course)
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT count(*) FROM student").fetchone() == (0,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert headcheck(course, "grade", *ENGINE).returncode == 0
    assert copies(course) == [copy]  # nothing changed, nothing copied
    assert headcheck(course, "grade", "--force", *ENGINE).returncode == 0
    assert len(copies(course)) == 2


def test_is_a_gradebook_that_nobody_wrote_to_not_copied_twice(course: Path) -> None:
    opened = Course.open(course)
    shutil.rmtree(course / "backups", ignore_errors=True)
    assert copy_gradebook(opened) is not None
    assert copy_gradebook(opened) is None
    with closing(gradebook(course)) as gb:
        gb.update_or_create_student("zoe")
    assert copy_gradebook(opened) is not None


def test_are_the_last_ten_kept_and_a_persons_own_copy_too(course: Path) -> None:
    opened = Course.open(course)
    for path in copies(course):
        path.unlink()
    (course / "backups").mkdir(exist_ok=True)
    mine = course / "backups" / "before-the-exam.db"
    shutil.copy(course / "gradebook.db", mine)
    made = []
    for number in range(12):
        with closing(gradebook(course)) as gb:
            gb.update_or_create_student(f"s{number}")
        made.append(copy_gradebook(opened))
    assert copies(course) == made[-10:]
    assert mine.exists()
    with closing(sqlite3.connect(made[-1])) as db:
        assert db.execute("SELECT count(*) FROM student").fetchone() == (12,)


def test_is_nothing_changed_when_no_copy_can_be_made(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in copies(course):
        path.unlink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "_copy", full)
    with (
        closing(ClassGradebook(Course.open(course))) as book,
        pytest.raises(CourseError, match="No space left"),
    ):
        save(book, "ada")
    assert copies(course) == [] and students(course) == []


def test_does_a_locked_gradebook_not_hang_its_copy(course: Path) -> None:
    with (
        locked(course),
        pytest.raises(CourseError, match="in use by another program"),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(backups, "PATIENCE", 0.1)
        (course / "gradebook.db").touch()
        copy_gradebook(Course.open(course))


# ---- opening -------------------------------------------------------------------------------------


def test_does_opening_a_course_leave_everything_as_it_was(tmp_path: Path) -> None:
    for name in ("nbgrader_config.py", "grader_config.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "source").mkdir()
    path = os.environ["PATH"]
    course = Course.open(tmp_path)
    assert course.private and course.config
    assert not course.private.exists()
    assert os.environ["PATH"] == path


@in_turn
def test_is_a_new_gradebook_made_where_no_environment_is_activated(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    done = subprocess.run(
        [sys.executable, "-m", "headcheck.cli", "build", "--no-verify"],
        cwd=course,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    with closing(gradebook(course)) as gb:
        assert gb.find_assignment(NAME)
    with in_words(Course.open(course)):
        pass


@pytest.mark.parametrize("name", ["Fragen? 2026", "course%20one"])
def test_is_a_path_that_means_another_gradebook_refused(tmp_path: Path, name: str) -> None:
    """Two courses called `Fragen? 1` and `Fragen? 2` would share the gradebook `Fragen`."""
    course = make_course(tmp_path / name)
    done = headcheck(course, "build", "--no-verify")
    assert (done.returncode, "rename that folder" in done.stderr) == (2, True), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]
