"""Does kill -9 at any moment leave files that are whole, and a command that goes on when typed again?"""

from __future__ import annotations

import os
import shutil
import signal
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from hours import in_turn
from lms_class import copy_of
from test_collect import STUDENTS, zipped
from test_export import CANVAS
from test_export import export as exported
from test_feedback import feedback
from tiny_course import NAME, make_course

from headcheck.course.directory import Course
from headcheck.desk.lms import collect as desk

MOVES = ("rename", "replace")
STEPS = (*MOVES, "mkdir", "rmdir", "open")  # of the module os


def ended_by_itself(work: Callable[[], object], number: int, steps: Sequence[str] = MOVES) -> bool:
    """Run `work` in a process that is killed before its `number`th step; whether it had fewer."""
    child = os.fork()
    if child == 0:
        left = number

        def counted(real: Callable[..., object]) -> Callable[..., object]:
            def call(*arguments: object, **named: object) -> object:
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **named)

            return call

        try:
            for name in steps:
                setattr(os, name, counted(getattr(os, name)))
            Path.write_bytes = counted(Path.write_bytes)  # type: ignore[method-assign]
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)


@in_turn
def test_does_a_killed_collect_leave_each_submission_old_or_new_and_nothing_lost(
    tmp_path: Path,
) -> None:
    made = make_course(tmp_path / "made")
    (made / "students.csv").write_text(STUDENTS)
    names = {"ada": "lovelaceada_4711", "joerg": "müllerjörg_4712"}
    downloads = [
        zipped(
            made,
            {
                f"{name}_{n}{attempt}_{file}": f"{attempt} {who}".encode()
                for n, (who, name) in enumerate(names.items())
                for file in (f"{NAME}.ipynb", "helper.py")
            },
            f"{attempt}.zip",
        )
        for attempt in (1, 2)
    ]
    collect(made, downloads[0])
    for number in range(1, 200):
        course = tmp_path / "course"
        shutil.rmtree(course, ignore_errors=True)
        shutil.copytree(made, course)
        done = ended_by_itself(partial(collect, course, downloads[1]), number, STEPS)
        for folder in (course / "submitted").glob(f"[!.]*/{NAME}"):
            files = {path.name: path.read_bytes() for path in folder.iterdir()}
            assert files.keys() == {f"{NAME}.ipynb", "helper.py"}, number
            assert len(set(files.values())) == 1, number  # of one attempt
        collect(course, downloads[1])
        manifest = desk.read_manifest(Course.open(course), NAME).students
        for who in names:
            file = course / "submitted" / who / NAME / f"{NAME}.ipynb"
            assert file.read_text() == f"2 {who}", number
            earlier = (course / "submitted" / ".earlier" / who).rglob("*.ipynb")
            assert {path.read_text() for path in earlier} == {f"1 {who}"}, number
            assert manifest[who].prefix.endswith("2_"), number
        assert not list((course / "submitted").rglob("*.begun"))
        if done:
            break
    assert 10 < number < 199


def collect(course: Path, download: Path) -> None:
    opened = Course.open(course)
    assert not list(desk.carry_out(opened, desk.plan(opened, download), datetime.now(UTC)))


@pytest.mark.parametrize("lms", ["canvas", "folders"])
@in_turn
def test_is_killed_feedback_there_as_a_whole_or_not(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, lms: str
) -> None:
    course = copy_of(tmp_path_factory)(tmp_path)
    outbox = course / "outbox"
    for number in range(1, 200):
        done = ended_by_itself(lambda: feedback(course, lms), number)
        for archive in outbox.glob("*.zip"):
            assert zipfile.ZipFile(archive).testzip() is None
            assert len(zipfile.ZipFile(archive).namelist()) == 6
        for folder in outbox.glob("feedback-*/"):
            pages = list(folder.rglob("feedback.html"))
            assert len(pages) == 6 and all("</html>" in page.read_text() for page in pages)
        if done:
            break
        shutil.rmtree(outbox, ignore_errors=True)
    assert 1 < number < 199
    feedback(course, lms)
    assert [path.name for path in outbox.iterdir() if not path.name.startswith(".")]


def test_is_a_killed_export_there_as_a_whole_or_not(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    course = copy_of(tmp_path_factory)(tmp_path)
    _, wanted = exported(course, "canvas", CANVAS)
    out = tmp_path / "out.csv"
    for number in range(1, 200):
        out.unlink()
        done = ended_by_itself(lambda: exported(course, "canvas", CANVAS), number)
        assert not out.exists() or out.read_bytes() == wanted
        if done:
            break
        out.write_bytes(wanted)
    assert 1 < number < 199 and out.read_bytes() == wanted
