"""Does one submission, whatever lies in its folder, leave the class alone and get its own result?

Each of these once ended or stalled a whole run, or is a cousin of one that did. An honest student
stands before and behind all of them.
"""

# ruff: noqa: F811, F401 (fixtures of another file)
from __future__ import annotations

import errno
import json
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hours import in_turn
from test_grade import FULL, FakeEngine, built, course, grade_with_fake, rows, submit
from tiny_course import NAME, POINTS, headcheck

from headcheck.course.directory import Course
from headcheck.grading import classroom, graded_folder, submission
from headcheck.grading.classroom import Classroom
from headcheck.grading.find import find_submissions
from headcheck.grading.pool import LocalPool
from headcheck.grading.record import Record, load_record

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes of its own")

Edit = Callable[[dict[str, Any]], None]
OURS = (f"{NAME}.ipynb",)


def cell(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return next(
        c for c in raw["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name
    )


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def written(raw: dict[str, Any]) -> dict[str, Any]:
    return next(c for c in raw["cells"] if c["cell_type"] == "markdown")


def extra(raw: dict[str, Any], **changes: Any) -> None:
    new = dict(cell_type="code", metadata={}, outputs=[], execution_count=None, source="")
    raw["cells"].append(new | changes)


EDITS: dict[str, Edit] = {
    "attachment-number": lambda raw: written(raw).update(attachments={"a.png": 5}),
    "attachment-of-numbers": lambda raw: written(raw).update(
        attachments={"a.png": {"image/png": 5, "x": None}, "b": [1], "c": {"image/png": ["a", "b"]}}
    ),
    "attachment-deep": lambda raw: written(raw).update(
        attachments={"a.png": {"application/json": deep(700)}}
    ),
    "metadata-deep": lambda raw: cell(raw, "double")["metadata"]["nbgrader"].update(x=deep(700)),
    "points-deep": lambda raw: cell(raw, "double")["metadata"]["nbgrader"].update(points=deep(300)),
    "tags-deep": lambda raw: extra(raw, metadata={"tags": deep(700)}),
    "huge-number": lambda raw: cell(raw, "double")["metadata"]["nbgrader"].update(points=10**400),
    "not-a-number": lambda raw: extra(raw, metadata={"x": float("nan")}, outputs=float("inf")),
    "half-signs": lambda raw: extra(raw, source="# \ud800", id="\udfff", attachments={"\ud800": 1}),
    "nul": lambda raw: extra(raw, source="\x00\x1b[2J"),
    "odd-cells": lambda raw: raw["cells"].extend([None, 5, [], "x", {"cell_type": deep(50)}]),
    "odd-format": lambda raw: raw.update(nbformat="4", nbformat_minor=deep(600), metadata=deep(9)),
    "long-cell": lambda raw: extra(raw, source="x=lambda:0\n" * 1_200_000),
    "long-control-cell": lambda raw: extra(raw, source="\x01" * 400_000),
    "long-text": lambda raw: extra(raw, cell_type="markdown", source="x" * (9 << 20)),
    "many-long-cells": lambda raw: [extra(raw, source="#" * 900_000) for _ in range(30)] and None,
    "endless-labels": lambda raw: extra(raw, metadata={"nbgrader": {"grade_id": "a" * 10**6}}),
}
REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "deep-json": (lambda: json.dumps({"cells": []})[:-1] + ',"a":' + "[" * 10**5, "damaged"),
    "old-and-odd": (lambda: json.dumps({"nbformat": 3, "worksheets": deep(5)}), "converted"),
    "too-many-cells": (lambda: json.dumps({"cells": [{}] * 6000, "nbformat": 4}), "6000 cells"),
    "no-cells": (lambda: '{"cells": {"a": 1}}', "no list of cells"),
    "huge-number-alone": (lambda: '{"cells": ' + "9" * 5000 + "}", "damaged"),
    "memory": (
        lambda: '{"cells": [{"metadata": {"a": [' + "[]," * 15_000_000 + "1]}}]}",
        "could not be read with",
    ),
}


def hand_in(course: Path, student: str, edit: Edit) -> Path:
    folder = submit(course, student, FULL)
    raw = json.loads((folder / f"{NAME}.ipynb").read_text())
    edit(raw)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(raw))
    return folder


def records(course: Path) -> dict[str, Record]:
    opened = Course.open(course)
    names = [path.name for path in (course / "submitted").iterdir()]
    found = {name: load_record(opened, name, NAME) for name in names if name.isprintable()}
    return {name: record for name, record in found.items() if record is not None}


def is_full(record: Record) -> bool:
    return record.outcome == "passed" and record.score == record.max_score


@contextmanager
def peak_of_owner(mib: int) -> Iterator[None]:
    """This process, which is the owner, does not grow by more."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < mib << 10


@in_turn
def test_does_the_class_go_on_whatever_a_notebook_holds(course: Path) -> None:
    with (course / "grader_config.py").open("a") as config:
        config.write("\nc.Headcheck.disk_mib = 16\nc.Headcheck.file_mib = 8\n")
    for student in ("aaa", "zzz"):
        submit(course, student, FULL)
    for name, edit in EDITS.items():
        hand_in(course, name, edit)
    for name, (text, _) in REFUSED.items():
        (submit(course, name, FULL) / f"{NAME}.ipynb").write_text(text())
    with peak_of_owner(150):
        grade_with_fake(course)
    found = records(course)
    assert set(found) == {"aaa", "zzz", *EDITS, *REFUSED}
    assert {name for name, record in found.items() if is_full(record)} == {"aaa", "zzz", *EDITS}
    for name, (_, said) in REFUSED.items():
        # For the TA, where it lies; for the student, what to hand in.
        assert f"submitted/{name}/" in found[name].unreadable
        assert said in found[name].unreadable
        assert all("submitted/" not in one.message for one in found[name].cells)
        assert found[name].score == 0
    for path in (course / "autograded").rglob("*.ipynb"):
        assert path.stat().st_size < 40 << 20
    again = grade_with_fake(course)
    assert len(again.works) <= 1  # only the one that could not be read at all


def test_is_what_was_left_out_said(course: Path) -> None:
    hand_in(course, "ada", EDITS["long-cell"])
    hand_in(course, "bob", EDITS["attachment-number"])
    grade_with_fake(course)
    found = records(course)
    assert any("14.4 MB long, over 1 MB" in note for note in found["ada"].notes)
    assert any("Attachments of a text cell" in note for note in found["bob"].notes)


def test_may_a_file_become_a_folder_and_a_folder_a_file(course: Path) -> None:
    folder = submit(course, "ada", FULL)
    (folder / "notes").write_text("x")
    (folder / "data" / "inner").mkdir(parents=True)
    (folder / "data" / "inner" / "x.csv").write_text("1")
    grade_with_fake(course)
    (folder / "notes").unlink()
    (folder / "notes" / "a").mkdir(parents=True)
    (folder / "notes" / "a" / "b.txt").write_text("y")
    (folder / "data" / "inner" / "x.csv").unlink()
    (folder / "data" / "inner").rmdir()
    (folder / "data" / "inner").write_text("now a file")
    grade_with_fake(course)
    out = course / "autograded" / "ada" / NAME
    kept = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert kept == {*OURS, "notes/a/b.txt", "data/inner"}
    assert is_full(records(course)["ada"])


def test_is_a_path_too_long_to_write_left_out(course: Path) -> None:
    folder = submit(course, "ada", FULL)
    before = os.getcwd()
    try:
        os.chdir(folder)
        while len(os.getcwd()) < 3800:
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        Path("f" * 100).write_text("x")
    finally:
        os.chdir(before)
    submit(course, "bob", FULL)
    grade_with_fake(course)
    found = records(course)
    assert is_full(found["ada"]) and is_full(found["bob"])
    assert any("paths have more than" in note for note in found["ada"].notes)


@pytest.mark.parametrize(
    "stamp",
    [
        "24:0012345678901234567890123456789012345678902026inf",
        "9" * 10_000,
        "2026-01-01 00:00:00 " + "/etc/passwd",
        "2026-01-01 00:00:00 99999999999999",
        "\x00\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "0001-01-01 00:00:00 +9999",
        "9999-12-31 23:59:59 -9999",
    ],
)
def test_does_no_time_stop_anybody(course: Path, stamp: str) -> None:
    folder = submit(course, "ada", FULL)
    (folder / "timestamp.txt").write_text(stamp)
    grade_with_fake(course)
    assert is_full(records(course)["ada"])


# ---- links and names -----------------------------------------------------------------------------


def test_does_no_link_bring_anothers_marks(course: Path) -> None:
    honest = submit(course, "ada", FULL)
    submitted = course / "submitted"
    for student, target in {
        "link-to-neighbour": f"../ada/{NAME}",
        "link-to-source": f"../../source/{NAME}",
        "link-by-way": f"../link-to-neighbour/{NAME}",
        "link-away": str(course / "autograded"),
        "link-to-nothing": "nowhere",
    }.items():
        (submitted / student).mkdir()
        (submitted / student / NAME).symlink_to(target)
    (submitted / "person-is-a-link").symlink_to("ada")
    (submitted / "notebook-is-a-link" / NAME).mkdir(parents=True)
    (submitted / "notebook-is-a-link" / NAME / f"{NAME}.ipynb").symlink_to(honest / f"{NAME}.ipynb")
    done = headcheck(course, "grade", "--engine", "nbgrader")
    for student in ("neighbour", "source", "way", "away", "nothing"):
        which = "by-way" if student == "way" else student if student == "away" else f"to-{student}"
        said = [line for line in done.stderr.splitlines() if f"link-{which}/" in line]
        assert len(said) == 1 and "is a link to another place, not graded" in said[0], done.stderr
    assert "person-is-a-link is a link" in done.stderr
    found = records(course)
    assert is_full(found["ada"])
    assert found["notebook-is-a-link"].score == 0
    assert set(found) == {"ada", "notebook-is-a-link"}
    assert {p.name for p in (course / "autograded").glob("[!.]*")} == {"ada", "notebook-is-a-link"}


def test_does_no_name_reach_the_terminal_or_the_report_as_it_is(course: Path) -> None:
    submit(course, "ada", FULL)
    for name in ("\x1b[31mred", "evil\u202egrof", "bell\x07", "new\nline", os.fsdecode(b"\xff")):
        try:
            submit(course, name, FULL)
        except OSError:
            continue
    (course / "submitted" / "ada" / "\x1b]0;title\x07").mkdir()
    (course / "submitted" / "ada" / "\u202elesson").mkdir()
    done = headcheck(course, "grade", "--engine", "nbgrader", "--json", "out.json")
    page = (course / "report.html").read_text()
    for text in (done.stdout, done.stderr, page, (course / "out.json").read_text()):
        odd = [c for c in text if c not in "\n\t" and not c.isprintable() and c != "\u00a0"]
        assert not odd, ascii(text)
    assert "red" in done.stderr and "title" in done.stderr
    assert set(records(course)) == {"ada"}


# ---- the process that reads ----------------------------------------------------------------------


def test_is_a_reader_that_was_killed_replaced(course: Path) -> None:
    submit(course, "ada", FULL)
    opened = Course.open(course)
    submissions, _ = find_submissions(opened)
    with closing(Classroom(opened, submissions)) as room:
        room.apart.prepare(room._order(submissions[0]))  # it is started for the first
        process = room.apart._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        (done,) = room.grade(LocalPool(FakeEngine(), 1))
    assert is_full(done.record)


def test_is_a_fault_while_recording_that_submissions_own(
    course: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for student in ("ada", "bob", "cy"):
        submit(course, student, FULL)

    write = graded_folder.replace_files

    def broken(folder: Path, files: dict[str, bytes], *, shared: bool) -> None:
        if "bob" in folder.parts and b"The grader failed here" not in files[OURS[0]]:
            raise ValueError("something nobody thought of")
        write(folder, files, shared=shared)

    monkeypatch.setattr(graded_folder, "replace_files", broken)
    grade_with_fake(course)
    found = records(course)
    assert is_full(found["ada"]) and is_full(found["cy"])
    assert found["bob"].outcome == "grader-error"
    assert "submitted/bob" in " ".join(found["bob"].notes)


def test_is_a_full_disk_no_fault_of_a_submission_and_no_zero(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marks are written by then: a zero for a fault of the grader took their place, until graded again."""
    submit(course, "ada", FULL)

    def full(folder: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    with monkeypatch.context() as patched:
        patched.setattr(graded_folder, "replace_files", full)
        with pytest.raises(OSError, match="No space left"):
            grade_with_fake(course)
    assert {name: auto for name, (auto, *_) in rows(course)["ada"].items()} == {
        **POINTS,
        "why_twice": None,
    }
    grade_with_fake(course)
    assert is_full(records(course)["ada"])


def test_is_a_fault_while_settling_that_submissions_own(
    course: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for student in ("ada", "bob", "cy"):
        submit(course, student, FULL)
    settle = submission.settle
    faults = [ValueError("something nobody thought of")]

    def broken(notebook: Any, run: Any, work: Any, *rest: Any) -> Any:
        if work.student == "bob" and faults:
            raise faults.pop()
        return settle(notebook, run, work, *rest)

    monkeypatch.setattr(submission, "settle", broken)
    grade_with_fake(course)
    found = records(course)
    assert is_full(found["ada"]) and is_full(found["cy"])
    assert found["bob"].outcome == "grader-error"
