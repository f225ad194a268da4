"""Do jobs of a real Slurm grade as docs/scaling.md says, and is nothing lost when the queue takes one away?

In the night (`make test-all`), where Slurm is installed (docs/maintaining.md): not in CI.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from hours import IN_THE_NIGHT
from in_process import InProcess
from isolation import needs_isolation
from several_users import users
from slurm import Slurm, slurm, until
from test_cluster import Cluster, certificates, grade
from test_grade import FULL, submit
from tiny_course import NAME, ROOT, headcheck, make_course

from headcheck.course.directory import Course
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.pool import LocalPool

if not IN_THE_NIGHT:
    pytest.skip("in the night alone: make test-all", allow_module_level=True)
PAGE = (ROOT / "docs" / "scaling.md").read_text()
STUDENTS = [f"s{number}" for number in range(5)]
GRADER = 23_100  # a user that no other test is
SLOW = "import time\ntime.sleep(1.5)\n"


@dataclass
class Queue:
    """Where the lines of the page are typed, and who types them."""

    slurm: Slurm
    folder: Path
    environment: dict[str, str]
    user: int
    become: tuple[str, ...]  # what a command begins with that this user types
    running: list[subprocess.Popen[Any]] = field(default_factory=list)

    def give(self) -> None:
        """All that lies in the folder is this user's."""
        for path in self.folder.rglob("*"):
            os.chown(path, self.user, self.user, follow_symlinks=False)

    def processes(self) -> list[psutil.Process]:
        """This user's."""
        there = psutil.process_iter(["uids", "status"])
        alive = [one for one in there if one.info["status"] != psutil.STATUS_ZOMBIE]
        return [one for one in alive if one.info["uids"].real == self.user]

    def cluster(self) -> Cluster:
        return Cluster(self.folder, self.environment, become=self.become)

    def submit(self, address: str) -> str:
        """The line of the page that asks for jobs, but for the course's libraries, held back; the number."""
        (line,) = re.findall(r"^(sbatch .*?)\n```", PAGE, re.DOTALL | re.MULTILINE)
        line = line.replace("sbatch", "sbatch --parsable --hold")
        line = line.replace("tls://LOGIN:8786 --jobs 8", f"{address} --jobs 1 --library none")
        done = subprocess.run(
            [*self.become, "sh", "-ec", line],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def grade(self, course: Path, address: str, *more: str) -> subprocess.Popen[str]:
        """`headcheck grade` as somebody starts it who may press Ctrl-C."""
        command = ["-m", "headcheck.cli", "grade", "--scheduler", address, *more]
        process = subprocess.Popen(
            [*self.become, "env", "--default-signal=INT", sys.executable, *command],
            cwd=course,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append(process)
        return process


@pytest.fixture(scope="module", params=["root", "an ordinary user"])
def queue(request: pytest.FixtureRequest) -> Iterator[Queue]:
    """Slurm's own programs are root's in both."""
    needs_isolation()
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    with users("grader", first=GRADER) as machine, slurm(machine.among) as server:
        folder = machine.home("grader")
        certificates(folder)
        environment = server.environment | {"DASK_CONFIG": str(folder / "dask")}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        root = request.param == "root"
        become = () if root else tuple(machine.as_one("grader"))
        made = Queue(server, folder, environment, 0 if root else GRADER, become)
        made.give()
        try:
            yield made
        finally:
            for process in made.running:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = make_course(tmp_path_factory.mktemp("built") / "course", torch=False)
    assert headcheck(course, "build", "--no-verify").returncode == 0
    return course


@pytest.fixture
def course(queue: Queue, built: Path) -> Iterator[Path]:
    yield Path(shutil.copytree(built, queue.folder / "course"))
    shutil.rmtree(queue.folder / "course")


def hand_in(course: Path, slow: str) -> None:
    for number, student in enumerate(STUDENTS):
        answer = "seven = 8" if number % 3 == 0 else "seven = 7"
        submit(course, student, FULL | {"seven": slow + answer})


def scores(course: Path) -> dict[str, dict[str, float]]:
    """In the gradebook."""
    with closing(ClassGradebook(Course.open(course))) as book:
        marks = book.marks(NAME)
    return {who: {cell: mark.score for cell, mark in of.items()} for who, of in marks.items()}


def line_with(process: subprocess.Popen[str], words: str) -> str:
    """All that it says until a line has these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


def test_does_doctor_pass_a_node(queue: Queue) -> None:
    (line,) = re.findall(r"`(srun headcheck doctor)`", PAGE)
    done = subprocess.run(
        [*queue.become, *line.split()],
        cwd=queue.folder,
        env=queue.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_are_marks_as_here_whatever_the_queue_does_meanwhile(
    queue: Queue, course: Path, built: Path, tmp_path: Path
) -> None:
    """The jobs wait, and somebody presses Ctrl-C; then they start, and the first one is cancelled."""
    here = Path(shutil.copytree(built, tmp_path / "here"))
    hand_in(here, "")
    grade(here, LocalPool(InProcess(), 1))
    hand_in(course, SLOW)
    queue.give()
    cluster = queue.cluster()
    try:
        cluster.scheduler()
        job = queue.submit(cluster.address)

        waits = queue.grade(course, cluster.address)
        line_with(waits, "no worker at")
        waits.send_signal(signal.SIGINT)
        said = waits.communicate()[0]
        assert waits.returncode == 130, said
        assert "what was finished is kept, run the same command to go on" in said
        assert "Traceback" not in said and not scores(course)

        queue.slurm.ask("scontrol", "release", job)
        runs = queue.grade(course, cluster.address)
        said = line_with(runs, "graded 1/5")
        queue.slurm.ask("scancel", f"{job}_1")  # the others have not been run yet
        said += runs.communicate()[0]
        assert runs.returncode == 0 and "Traceback" not in said, said
        assert said.count("graded ") == len(STUDENTS)
        assert scores(course) == scores(here)
        said_by_job = queue.folder / f"slurm-{job}_2.out"
        assert said_by_job.stat().st_uid == queue.user
    finally:
        cluster.end()
        queue.slurm.ask("scancel", "--partition=all")
    until(lambda: not queue.slurm.jobs())
    if queue.user:  # who runs nothing else
        until(lambda: not queue.processes(), lambda: str(queue.processes()))


def test_does_the_program_of_the_page_ask_for_jobs_when_there_is_work(
    queue: Queue, course: Path
) -> None:
    pytest.importorskip("dask_jobqueue", reason="needs dask-jobqueue, of the extra [dask]")
    (program,) = re.findall(r"```python\n(from dask_jobqueue.*?)```", PAGE, re.DOTALL)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (queue.folder / "cluster.py").write_text(program.replace("8786", str(port)))
    mine = {"DASK_JOBQUEUE__SLURM__INTERFACE": "lo", "HEADCHECK_LIBRARIES": ""}
    asks = subprocess.Popen(
        [*queue.become, sys.executable, "cluster.py"],
        cwd=queue.folder,
        env=queue.environment | mine,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    queue.running.append(asks)
    assert asks.stdout is not None
    assert asks.stdout.read(len("tls://")) == "tls://"  # a question ends no line
    assert not queue.slurm.jobs()
    submit(course, "ada", FULL)
    queue.give()
    runs = queue.grade(course, f"tls://127.0.0.1:{port}")
    said = runs.communicate()[0]
    assert runs.returncode == 0, said
    assert sum(scores(course)["ada"].values()) == 4.0
    rest = asks.communicate("\n")[0]
    assert asks.returncode == 0 and "Traceback" not in rest, rest
    until(lambda: not queue.slurm.jobs())
