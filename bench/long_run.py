"""Does a long run stay flat? Memory and open files of the grader and of its forkserver."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from classes import ROOT, Submission, hand_in
from rich.console import Console
from rich.table import Table

from headcheck.authoring.release import build
from headcheck.authoring.samples import compose, read
from headcheck.course.directory import Course
from headcheck.sandbox.watchdog import tree

sys.path.append(str(ROOT / "tests"))
from tiny_course import NAME, make_course

# A lesson that takes no time: what grows, grows with the number of submissions.
ANSWERS = f'"""\nwhat: all right\nlesson: {NAME}\n"""\n'


def show(console: Console, folder: Path, size: int) -> None:
    """Grade `size` submissions by the real command and look at its processes from outside."""
    course = Course.open(make_course(folder))
    build(course.select()[0])
    sample = folder / "sample.py"
    sample.write_text(ANSWERS)
    notebook = compose(read(sample), course)[f"{NAME}.ipynb"]
    everybody = [Submission(f"student-{n:05}", NAME, notebook) for n in range(size)]
    hand_in(course.root, everybody)
    table = Table(title=f"{size} submissions, 2 jobs")
    for heading in (
        "graded",
        "s",
        "grader MiB",
        "grader files",
        "forkserver MiB",
        "forkserver files",
        "processes",
    ):
        table.add_column(heading, justify="right")
    start = time.monotonic()
    command = [sys.executable, "-m", "headcheck.cli", "grade", "--force", "--jobs", "2"]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, cwd=course.root, stdout=log, stderr=log)
        step, wanted = max(1, size // 10), 1
        while process.poll() is None:
            done = _graded(course)
            if done >= wanted:
                table.add_row(str(done), f"{time.monotonic() - start:.0f}", *_look(process.pid))
                wanted = max(step, (done // step + 1) * step)
            time.sleep(0.2)
    console.print(table)
    if process.returncode:
        raise SystemExit(f"it ended with {process.returncode}; see {folder / 'log.txt'}")
    console.print(f"{size} in {time.monotonic() - start:.1f} s")


def _graded(course: Course) -> int:
    return sum(1 for _ in (course.root / "autograded").glob("*/*/*.ipynb"))


def _look(pid: int) -> list[str]:
    processes = tree(pid)
    warm = [p for p in processes if "warm_process" in _command(p) and "bwrap" not in _command(p)]
    cells = [_rss(pid), _files(pid)]
    cells += [_rss(warm[0]), _files(warm[0])] if warm else ["", ""]
    return [*cells, str(len(processes))]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
    except OSError:
        return ""


def _rss(pid: int) -> str:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return f"{int(line.split()[1]) / 1024:.1f}"
    return ""


def _files(pid: int) -> str:
    return str(len(list(Path(f"/proc/{pid}/fd").iterdir())))
