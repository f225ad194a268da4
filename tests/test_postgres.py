"""Is a gradebook on a Postgres server as good as the file that SQLite keeps?

Each test has a database of its own on a real server (tests/postgres.py). Marks, pages and tables are
compared with those of the same course on SQLite.
"""

from __future__ import annotations

import json
import queue
import re
import shutil
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from hours import in_turn, night
from in_process import InProcess
from marked_course import here
from nbgrader.api import Gradebook
from once import once
from postgres import PASSWORD, SECRET, Server, name_of, server
from test_grade import FULL, submit
from tiny_course import NAME, ROOT, make_course, run_python

from headcheck.course.directory import Course, CourseError
from headcheck.desk.grade import grade_command
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.pool import LocalPool

pytest.importorskip("psycopg", reason="needs the extra [postgres]")
SECONDS = 300  # a guard
# Who hands in what; the same on either database.
ROSTER = "id,first_name,last_name\nada,Ada,L\nbob,Bob,M\ncy,Cy,N\nzoe,Zoe,O\n"
DATES = f"late: {{per_day: 10%, most: 50%}}\ndue: {{{NAME}: 2030-01-01 12:00}}\ntimezone: UTC\n"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        yield running


@pytest.fixture(scope="module")
def built(postgres: Server) -> str:
    """Address of a database with the lesson in it, to be copied."""
    return postgres.database()


@pytest.fixture(scope="module")
def handed_in(built: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built on both databases; `on` says which one counts."""

    def make(place: Path) -> None:
        course = make_course(place / "course")
        assert here(course, "build", "--no-verify").exit_code == 0
        submit(course, "ada", FULL)
        folder = submit(course, "bob", FULL | {"seven": "seven = 8"})
        (folder / "timestamp.txt").write_text("2030-01-03 11:00:00 UTC")
        (submit(course, "cy", FULL) / f"{NAME}.ipynb").write_text("{")
        (course / "students.csv").write_text(ROSTER)
        (course / "dates.yaml").write_text(DATES)

    made = once(tmp_path_factory, "postgres", make) / "course"
    other = on(copy(made, tmp_path_factory.mktemp("server") / "course"), built)
    said(other, "build", "--no-verify")
    return made


def on(course: Path, url: str) -> Path:
    with (course / "grader_config.py").open("a") as file:
        file.write(f"\nc.CourseDirectory.db_url = {url!r}\nc.RunChecks.engine = 'nbgrader'\n")
    return course


def copy(course: Path, place: Path) -> Path:
    return Path(shutil.copytree(course, place))


def grade(course: Path, *, force: bool = True) -> int:
    pool = LocalPool(InProcess(), 2)
    return grade_command(Course.open(course), [], [], force=force, json_file=None, pool=pool)


def mark(url: str, student: str, cell: str, points: float) -> None:
    """As formgrader does when a score is typed in."""
    with closing(Gradebook(url, "body-and-head")) as gb:
        found = gb.find_grade(cell, NAME, NAME, student)
        found.manual_score, found.needs_manual_grade = points, False
        gb.db.commit()


def said(course: Path, *command: str) -> str:
    done = here(course, *command)
    assert SECRET not in done.output
    assert done.exit_code in (0, 1), done.output
    return done.output


@pytest.fixture(scope="module")
def pair(
    postgres: Server, built: str, handed_in: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, str]]:
    """The same class on both: built, graded, marked by hand, graded again."""
    place = tmp_path_factory.mktemp("pair")
    urls = {"postgres": postgres.database(name_of(built))}
    urls["sqlite"] = f"sqlite:///{place / 'sqlite' / 'gradebook.db'}"
    made = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADCHECK_SEED", "7")
        for kind, url in urls.items():
            course = on(copy(handed_in, place / kind), url)
            assert grade(course) == 0
            mark(url, "ada", "why_twice", 1.5)
            mark(url, "bob", "test_seven", 0.5)
            assert grade(course) == 0
            made[kind] = (course, url)
    return made


def without_times(text: str) -> str:
    when = r"\d\d? \w+ \d{4},? \d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d[:\d.]*"
    return re.sub(rf"{when}|/\S*/pair\d+/\w+|<meta name=\"made-from\".*", "", text)


@in_turn
def test_are_marks_and_standings_those_of_sqlite(pair: dict[str, tuple[Path, str]]) -> None:
    found = {}
    for kind, (course, _) in pair.items():
        with closing(ClassGradebook(Course.open(course))) as book:
            found[kind] = (book.marks(NAME), book.standings(), book.students())
    assert found["postgres"] == found["sqlite"]
    marks, standings, students = found["postgres"]
    assert marks["ada"]["why_twice"].manual == 1.5 and not marks["ada"]["why_twice"].waits
    assert (marks["bob"]["test_seven"].auto, marks["bob"]["test_seven"].score) == (0, 0.5)
    assert standings["bob", NAME].late_penalty > 0
    assert students == {"ada", "bob", "cy", "zoe"}


@in_turn
def test_are_report_feedback_export_and_todo_those_of_sqlite(
    pair: dict[str, tuple[Path, str]], tmp_path: Path
) -> None:
    found = {}
    for kind, (course, _) in pair.items():
        out = tmp_path / kind
        said(course, "report")
        said(course, "feedback", "--output", str(out / "feedback"))
        said(course, "export", "--to", "csv", "--unfinished", "--output", str(out / "marks.csv"))
        said(course, "todo", "--json", str(out / "todo.json"))
        pages = {
            path.relative_to(out).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }
        pages["report"] = (course / "report.html").read_text()
        found[kind] = {name: without_times(text) for name, text in pages.items()}
    assert found["postgres"] == found["sqlite"]
    assert len(found["postgres"]) >= 5 and "ada" in found["postgres"]["marks.csv"]


@in_turn
def test_do_nbgraders_own_commands_work(
    pair: dict[str, tuple[Path, str]], handed_in: Path, tmp_path: Path
) -> None:
    course, url = pair["postgres"]

    def nbgrader(*arguments: str) -> str:
        done = run_python(course, "-m", "nbgrader", *arguments)
        assert done.returncode == 0, done.stderr
        assert SECRET not in done.stdout + done.stderr
        return done.stdout + done.stderr

    assert "zoe" in nbgrader("db", "student", "list")
    nbgrader("export", "--to", str(tmp_path / "grades.csv"))
    (row,) = [
        line for line in (tmp_path / "grades.csv").read_text().splitlines() if ",ada," in line
    ]
    assert ",5.5," in row
    nbgrader("generate_feedback", NAME, "--student", "ada")
    assert (course / "feedback" / "ada" / NAME / f"{NAME}.html").exists()
    nbgrader("autograde", NAME, "--student", "ada", "--force")
    with closing(Gradebook(url, "body-and-head")) as gb:
        assert gb.find_submission(NAME, "ada").score == 5.5


@in_turn
def test_does_formgrader_list_and_mark(
    postgres: Server, pair: dict[str, tuple[Path, str]], tmp_path: Path
) -> None:
    """Over HTTP, from the real server extension."""
    pytest.importorskip("playwright", reason="test_formgrader imports it")
    from test_formgrader import jupyter_lab

    course, url = pair["postgres"]
    with jupyter_lab(course, tmp_path) as address:

        def ask(path: str, data: dict[str, object] | None = None) -> object:
            request = urllib.request.Request(
                f"{address}/formgrader/api/{path}",
                method="PUT" if data else "GET",
                data=json.dumps(data).encode() if data else None,
                headers={"Authorization": "token a-token"},
            )
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)

        (assignment,) = ask("assignments")  # type: ignore[misc]
        assert assignment["num_submissions"] == 3
        listed = {one["student"]: one for one in ask(f"submissions/{NAME}")}  # type: ignore[attr-defined]
        assert listed["ada"]["score"] == 5.5
        with closing(Gradebook(url, "body-and-head")) as gb:
            grade_id = gb.find_grade("why_twice", NAME, NAME, "bob").id
        ask(f"grade/{grade_id}", {"manual_score": 2, "extra_credit": None})
    with closing(Gradebook(url, "body-and-head")) as gb:
        assert gb.find_grade("why_twice", NAME, NAME, "bob").manual_score == 2


# ---- several at once -----------------------------------------------------------------------------


def test_two_graders_and_one_who_marks_lose_nothing(
    postgres: Server, built: str, handed_in: Path, tmp_path: Path
) -> None:
    """Each new student is recorded by both at the same moment, and marked as soon as they are there."""
    url = postgres.database(name_of(built))
    first = on(copy(handed_in, tmp_path / "first"), url)
    second = copy(first, tmp_path / "second")
    release = first / "notebooks" / NAME / f"{NAME}.ipynb"
    students = [f"s{number:02}" for number in range(12)]
    together = threading.Barrier(2)
    recorded: queue.Queue[str] = queue.Queue()
    errors: list[BaseException] = []

    def record(course: Path) -> None:
        notebook = nbformat.read(release, as_version=4)
        with closing(ClassGradebook(Course.open(course))) as book:
            for student in students:
                together.wait(SECONDS)
                when = datetime(2030, 1, 1)
                book.save(notebook, student=student, assignment=NAME, name=NAME, timestamp=when)
                if course == first:  # the other may still be at it
                    recorded.put(student)

    def marks() -> None:
        for _ in students:
            mark(url, recorded.get(timeout=SECONDS), "test_seven", 0.25)

    def careful(work: object, *arguments: object) -> None:
        try:
            work(*arguments)  # type: ignore[operator]
        except BaseException as error:
            errors.append(error)
            together.abort()

    jobs = [(record, first), (record, second), (marks,)]
    threads = [threading.Thread(target=careful, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with closing(ClassGradebook(Course.open(first))) as book:
        found = book.marks(NAME)
    assert sorted(found) == students
    for student in students:
        assert found[student]["test_seven"].manual == 0.25
        assert found[student]["test_double"].auto == 2


# ---- trouble -------------------------------------------------------------------------------------


def one_sentence(done: object, *words: str) -> None:
    output = done.output  # type: ignore[attr-defined]
    assert done.exit_code in (1, 2), output  # type: ignore[attr-defined]
    (line,) = [line for line in output.splitlines() if line.startswith("headcheck: ")]
    assert "Traceback" not in output and SECRET not in output
    for word in words:
        assert word in line
    for sqlite in ("damaged", "backups/", "copy of it", "Make a copy"):
        assert sqlite not in line


@pytest.fixture
def course(postgres: Server, built: str, handed_in: Path, tmp_path: Path) -> tuple[Path, str]:
    url = postgres.database(name_of(built))
    return on(copy(handed_in, tmp_path / "course"), url), url


def test_is_a_connection_lost_in_mid_run_a_sentence_and_the_next_run_goes_on(
    postgres: Server, course: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, url = course
    really = ClassGradebook._save

    def cut(self: ClassGradebook, notebook: object, student: str, *rest: object) -> None:
        if student == "bob":
            others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname="
            postgres.sql("postgres", f"{others}'{name_of(url)}'")
        really(self, notebook, student, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ClassGradebook, "_save", cut)
    with pytest.raises(CourseError) as raised:
        grade(folder, force=False)
    sentence = str(raised.value)
    assert "does not answer" in sentence and "What was finished is kept" in sentence
    assert SECRET not in sentence and "copy" not in sentence
    monkeypatch.undo()
    assert grade(folder, force=False) == 0
    with closing(ClassGradebook(Course.open(folder))) as book:
        assert sorted(book.marks(NAME)) == ["ada", "bob", "cy"]


def test_is_a_missing_driver_named_with_what_installs_it(
    course: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = course
    for name in [name for name in sys.modules if name.split(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with (folder / "source" / NAME / f"{NAME}.py").open("a") as file:
        file.write("\n# %% [markdown]\n# One more word.\n")
    for command in (("report",), ("build", "--no-verify")):
        one_sentence(here(folder, *command), "psycopg", ".[postgres]")


def test_is_each_refusal_of_the_server_called_by_its_name(
    postgres: Server, course: tuple[Path, str]
) -> None:
    folder, url = course
    name = name_of(url)
    config = (folder / "grader_config.py").read_text()

    def through(other: str) -> object:
        (folder / "grader_config.py").write_text(config)
        on(folder, other)
        return here(folder, "report")

    one_sentence(through(url.replace("41@", "42@")), "password authentication failed")
    one_sentence(through(url.replace(f"/{name}?", "/nothere?")), '"nothere" does not exist')
    one_sentence(through(url.replace(str(postgres.folder), "/nowhere")), "does not answer")
    postgres.sql(name, "CREATE ROLE reader LOGIN PASSWORD 's3cret-too'")
    reader = url.replace("grader:", "reader:").replace(
        url.split(":")[2].split("@")[0], "s3cret-too"
    )
    one_sentence(through(reader), "permission denied", "GRANT")
    postgres.sql(name, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    (folder / "grader_config.py").write_text(config)
    with pytest.raises(CourseError, match="read-only"):
        grade(folder)


def old_schema(postgres: Server, name: str) -> None:
    """As nbgrader 0.6 left it: no courses."""
    postgres.sql(
        name,
        "ALTER TABLE assignment DROP COLUMN course_id; DROP TABLE course; "
        "UPDATE alembic_version SET version_num = '282d30a0218e'",
    )


@night("by day nbgrader's commands on a gradebook that needs no migration")
def test_does_the_way_round_nbgraders_migration_keep_every_mark(
    postgres: Server, course: tuple[Path, str]
) -> None:
    """`nbgrader db upgrade` alone fails there; with the lines of docs/scaling.md before it, it works."""
    folder, url = course
    assert grade(folder) == 0
    with closing(ClassGradebook(Course.open(folder))) as book:
        before = book.marks(NAME)
    old_schema(postgres, name_of(url))
    one_sentence(
        here(folder, "report"), "another version of nbgrader", "pg_dump", "docs/scaling.md"
    )
    # Without a password, which would be printed: as the page says, from PGPASSWORD or ~/.pgpass.
    (plain,) = re.findall(r"grader:[^@]*@", url)
    on(folder, url.replace(plain, "grader@"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        upgrade = ("-m", "nbgrader", "db", "upgrade")
        assert run_python(folder, *upgrade).returncode != 0
        page = (ROOT / "docs" / "scaling.md").read_text()
        (lines,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
        postgres.sql(name_of(url), lines)
        done = run_python(folder, *upgrade)
        assert done.returncode == 0, done.stderr
        with closing(ClassGradebook(Course.open(folder))) as book:
            assert book.marks(NAME) == before
        assert here(folder, "report").exit_code == 0
