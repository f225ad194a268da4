"""Does a cluster grade as one machine does, and is nothing lost or written twice whatever ends?

A real scheduler and real workers, encrypted, on loopback; started and ended here. Their engine runs in
the worker (tests/toy_worker.py), but for the last test, which has the real one.
"""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest
from hours import in_turn, night
from in_process import InProcess
from marked_course import here
from once import once
from test_grade import FULL, submit
from tiny_course import NAME, ROOT, make_course
from typer.testing import CliRunner

from headcheck.cli import app
from headcheck.course.directory import Course, CourseError
from headcheck.course.libraries import USUAL, named, options_for
from headcheck.grading.classroom import Classroom
from headcheck.grading.find import find_submissions
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.grid import be_worker
from headcheck.grading.grid import pool as grid_pool
from headcheck.grading.grid.be_worker import command
from headcheck.grading.grid.label import label
from headcheck.grading.grid.line import graded_bytes, read_graded, read_work, work_bytes
from headcheck.grading.grid.pool import DaskPool
from headcheck.grading.grid.worker import LIBRARIES
from headcheck.grading.pool import LocalPool, Pool
from headcheck.grading.record import Record
from headcheck.grading.work import Graded, Limits, Work

pytest.importorskip("distributed", reason="needs the extra [dask]")
if sys.platform != "linux":
    pytest.skip("workers need Linux", allow_module_level=True)
DEADLINE = 600.0  # a guard


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@dataclass
class Cluster:
    folder: Path
    environment: dict[str, str]
    address: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    become: tuple[str, ...] = ()  # another user

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"log{len(self.processes)}").open("wb")
        with log:
            process = subprocess.Popen(
                [*self.become, *arguments],
                cwd=self.folder,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def scheduler(self) -> subprocess.Popen[bytes]:
        file = self.folder / "scheduler.json"
        file.unlink(missing_ok=True)
        module = ("-P", "-m", "distributed.cli.dask_scheduler", "--scheduler-file", str(file))
        where = ("--protocol", "tls", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        started = self.start(sys.executable, *module, *where)
        until(lambda: started.poll() is None and file.exists() and file.read_text().endswith("}"))
        self.address = json.loads(file.read_text())["address"]
        return started

    def worker(self, jobs: int, *more: str, **environment: str) -> subprocess.Popen[bytes]:
        toy = str(Path(__file__).with_name("toy_worker.py"))
        arguments = command(self.address, jobs)
        place = arguments.index("--preload")
        arguments[place:place] = ["--preload", toy, "--local-directory", str(self.folder), *more]
        return self.start(*arguments, **environment)

    def ran(self) -> list[tuple[str, int]]:
        """Who was run, and by which process."""
        with suppress(FileNotFoundError):
            lines = (self.folder / "ran").read_text().splitlines()
            return [(who, int(pid)) for who, pid in map(str.split, lines)]
        return []

    def end(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def certificates(folder: Path) -> None:
    """With the lines of docs/scaling.md, as they stand there."""
    page = (ROOT / "docs" / "scaling.md").read_text()
    (openssl,) = re.findall(r"```sh\n(openssl.*?)```", page, re.DOTALL)
    (settings,) = re.findall(r"```yaml\n(distributed:.*?)```", page, re.DOTALL)
    subprocess.run(["sh", "-ec", openssl], cwd=folder, check=True, capture_output=True)
    (folder / "dask").mkdir()
    text = settings.replace("/home/grader/tls", str(folder))
    (folder / "dask" / "cluster.yaml").write_text(text)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler, and one worker for two at a time."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("cluster")
    certificates(folder)
    environment = {**os.environ, "DASK_CONFIG": str(folder / "dask"), "TOY": str(folder)}
    environment |= {"PYTHONPATH": str(Path(__file__).parent), LIBRARIES: " ".join(USUAL)}
    made = Cluster(folder, environment)
    import dask

    tls = dask.config.collect([str(folder / "dask")])["distributed"]["comm"]["tls"]
    files = {"ca-file": tls["ca-file"]}
    files |= {f"client.{what}": tls["client"][what] for what in ("cert", "key")}
    try:
        with dask.config.set(
            {f"distributed.comm.tls.{name}": file for name, file in files.items()}
        ):
            made.scheduler()
            made.worker(2)
            yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(place: Path) -> None:
        assert here(make_course(place / "course"), "build", "--no-verify").exit_code == 0

    return once(tmp_path_factory, "cluster", make) / "course"


@pytest.fixture
def course(built: Path, tmp_path: Path, cluster: Cluster) -> Path:
    (cluster.folder / "ran").unlink(missing_ok=True)
    return Path(shutil.copytree(built, tmp_path / "course"))


def grade(course: Path, pool: Pool, *, force: bool = False) -> dict[str, Record]:
    opened = Course.open(course)
    done: dict[str, Record] = {}
    with closing(pool), closing(Classroom(opened, find_submissions(opened)[0])) as room:
        for one in room.grade(pool, force=force):
            assert one.record.student not in done
            done[one.record.student] = one.record
    return done


def hand_in(course: Path, *students: str) -> None:
    for student in students:
        submit(course, student, FULL)


def in_gradebook(course: Path) -> list[str]:
    with closing(ClassGradebook(Course.open(course))) as book:
        return sorted(book.marks(NAME))


# ---- as with one machine -------------------------------------------------------------------------


@in_turn
def test_does_the_command_line_grade_on_the_cluster_as_here(
    course: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCHECK_SEED", "7")
    hand_in(course, "ada")
    submit(course, "bob", FULL | {"seven": "seven = 8"})
    (submit(course, "cy", FULL) / f"{NAME}.ipynb").write_text("{")
    done = here(course, "grade", "--scheduler", cluster.address)
    assert done.exit_code == 0, done.output
    assert sorted(who for who, _ in cluster.ran()) == ["ada", "bob"]
    with closing(ClassGradebook(Course.open(course))) as book:
        there = book.marks(NAME)
    # The same key: what a cluster has graded need not be graded here.
    assert [one.outcome for one in grade(course, LocalPool(InProcess(), 1)).values()]
    again = here(course, "grade", "--scheduler", cluster.address)
    assert "2 of 3 did not change" in again.output or "3 of 3" in again.output
    grade(course, LocalPool(InProcess(), 1), force=True)
    with closing(ClassGradebook(Course.open(course))) as book:
        assert book.marks(NAME) == there


@in_turn
def test_does_a_regrade_preview_on_the_cluster_say_whose_mark_moves(
    course: Path, cluster: Cluster, tmp_path: Path
) -> None:
    hand_in(course, "ada")
    submit(course, "bob", FULL | {"seven": "seven = 8"})
    assert here(course, "grade", "--scheduler", cluster.address).exit_code == 0
    text = course / "source" / NAME / f"{NAME}.py"
    text.write_text(text.read_text().replace("expect(seven == 7", "expect(seven in (7, 8)"))
    assert here(course, "build", "--no-verify", "--migrate").exit_code == 0
    (cluster.folder / "ran").unlink()
    moves, plan = tmp_path / "moves.json", tmp_path / "plan.json"
    files = ("--json", str(moves), "--plan", str(plan))
    done = here(course, "regrade", "--preview", "--scheduler", cluster.address, *files)
    assert done.exit_code == 0, done.output
    assert sorted(who for who, _ in cluster.ran()) == ["ada", "bob"]
    assert [one["student"] for one in json.loads(moves.read_text())] == ["bob"]
    assert here(course, "regrade", "--apply", str(plan)).exit_code == 0
    with closing(ClassGradebook(Course.open(course))) as book:
        assert book.marks(NAME)["bob"]["test_seven"].score == 1
    wrong = here(course, "regrade", "--undo", "--scheduler", cluster.address)
    assert wrong.exit_code == 2 and "goes with it alone" in wrong.output


def test_are_bytes_all_that_crosses() -> None:
    work = Work(
        student="ada",
        assignment=NAME,
        notebook_name=NAME,
        notebook=b"\xff\x00{",
        files={"a/b.bin": bytes(range(256)), "": b""},
        lesson_files={"x": b"y"},
        seed=3,
        limits=Limits(memory_mib=77),
    )
    assert read_work(work_bytes(work)) == work
    graded = Graded(
        notebook=b"\xfe", cells=[], outcome="passed", engine="isolated", seed=1, seconds=0.5
    )
    assert read_graded(graded_bytes(graded)) == graded
    whole = work_bytes(work)
    for damaged in (b"", whole[:-1], whole + b"!", whole[:4], b"\xff" * 40, graded_bytes(graded)):
        with pytest.raises(ValueError):
            read_work(damaged)


# ---- who is let in -------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [("grade", "--scheduler"), ("worker",)])
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:8786", "--plain"),
        ("127.0.0.1:8786", "--plain"),
        ("ws://127.0.0.1:8786", "tls://HOST"),
        ("tls://", "no address"),
    ],
)
def test_is_what_is_not_encrypted_refused(
    built: Path, verb: tuple[str, ...], address: str, words: str
) -> None:
    place = ["--course", str(built)] if verb[0] == "grade" else []
    done = CliRunner().invoke(app, [*verb, address, *place])
    assert done.exit_code == 2 and words in done.output, done.output
    assert done.output.count("\n") == 1


def test_does_a_worker_without_a_scheduler_end_with_a_sentence(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a queued job does that starts when all is over."""
    import dask

    monkeypatch.setattr(be_worker, "_can_isolate", lambda: None)
    with dask.config.set({"distributed.comm.timeouts.connect": "500ms"}):
        done = CliRunner().invoke(app, ["worker", "tls://127.0.0.1:1"])
    assert done.exit_code == 2 and done.output.count("\n") == 1, done.output
    assert "no scheduler can be used at tls://127.0.0.1:1" in done.output
    # Of this cluster's certificates, the fixture names a client's alone.
    done = CliRunner().invoke(app, ["worker", cluster.address])
    assert done.exit_code == 2 and "are the certificates those" in done.output, done.output


def test_does_a_scheduler_with_certificates_take_no_one_without(
    course: Path, cluster: Cluster
) -> None:
    import dask

    plain = cluster.address.replace("tls://", "tcp://")
    with pytest.raises(CourseError, match="no scheduler can be used"):
        DaskPool(plain, plain=True)
    nothing = {"distributed.comm.tls.ca-file": None}
    with dask.config.set(nothing), pytest.raises(CourseError, match="needs certificates"):
        DaskPool(cluster.address)


def test_is_nothing_served_to_who_has_no_certificate(cluster: Cluster) -> None:
    """Dask has pages for everybody, without a dashboard, too."""
    services = json.loads((cluster.folder / "scheduler.json").read_text())["services"]
    for page in ("info/main/workers.html", "json/index.html", "metrics", "health"):
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://127.0.0.1:{services['dashboard']}/{page}")


@in_turn
def test_do_workers_with_other_code_or_libraries_get_nothing(
    course: Path, cluster: Cluster
) -> None:
    hand_in(course, "ada", "bob")
    other = cluster.worker(3, "--no-nanny", TOY_LABEL="headcheck-of-another-torch")
    with closing(DaskPool(cluster.address)) as pool:
        until(lambda: len(pool._client.scheduler_info(n_workers=-1)["workers"]) == 2)
        strangers = {pid for pid in pool._client.run(os.getpid).values()}
        until(lambda: pool.slots == 2)  # ours alone are counted
    grade(course, DaskPool(cluster.address))
    mine = {pid for _, pid in cluster.ran()}
    assert len(mine) == 1 and mine < strangers
    os.killpg(other.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("libraries", "typed"),
    [
        (USUAL, ""),
        ((), " --library none"),
        (("numpy", "pandas"), " --library numpy --library pandas"),
    ],
)
def test_is_what_is_said_to_type_what_the_course_names(
    libraries: tuple[str, ...], typed: str
) -> None:
    assert options_for(libraries) == typed
    assert named(typed.split()[1::2] or None) == libraries


def test_is_it_said_when_no_worker_can_be_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workers: dict[str, dict[str, dict[str, float]]] = {}
    client = SimpleNamespace(
        scheduler_info=lambda n_workers: {"workers": workers}, close=lambda timeout: None
    )
    monkeypatch.setattr(grid_pool, "_connect", lambda address, plain: client)
    monkeypatch.setattr(grid_pool, "LOOK_EVERY", 0.0)
    with closing(DaskPool("tcp://host:1", plain=True, patience=0.0)) as pool:
        pool.ready()  # a cluster that grows with its work has to be given some first
        assert "waiting for one" in capsys.readouterr().err
        workers["other"] = {"resources": {}}
        with pytest.raises(
            CourseError, match=r"no worker .* can be used: 1 there with another"
        ) as no:
            pool.ready()
        assert str(no.value).endswith("start there: headcheck worker tcp://host:1 --plain")
        workers["ours"] = {"resources": {label(USUAL): 3.0}}
        pool.ready()
        assert pool.slots == 3
        del workers["ours"]
        time.sleep(0.001)  # the clock has to have moved
        with pytest.raises(
            CourseError, match=r"has been at tcp://host:1 for 0 s. What was finished"
        ):
            pool._look()


# ---- accidents -----------------------------------------------------------------------------------


def meanwhile(cluster: Cluster, started: int, act: Callable[[], None]) -> threading.Thread:
    """Hold all runs until so many have started and `act` has been done."""
    (cluster.folder / "hold").touch()

    def work() -> None:
        try:
            until(lambda: len(cluster.ran()) >= started)
            act()
        finally:
            (cluster.folder / "hold").unlink()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@in_turn
def test_does_a_look_at_the_workers_cost_no_result(
    course: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine one looks while a result is on its way."""
    monkeypatch.setattr(grid_pool, "LOOK_EVERY", 0.002)
    monkeypatch.setattr(DaskPool, "_look", lambda pool: None)
    hand_in(course, *(f"student-{number}" for number in range(20)))
    done = grade(course, DaskPool(cluster.address))
    assert {record.outcome for record in done.values()} == {"passed"}


@in_turn
def test_is_nothing_lost_when_a_machine_goes(course: Path, cluster: Cluster) -> None:
    students = [f"s{number}" for number in range(5)]
    hand_in(course, *students)
    other = cluster.worker(2)
    pool = DaskPool(cluster.address)
    until(lambda: pool.slots == 4)
    # Of three that run, one at least is on it.
    thread = meanwhile(cluster, 3, lambda: os.killpg(other.pid, signal.SIGKILL))
    done = grade(course, pool)
    thread.join()
    assert {who: record.outcome for who, record in done.items()} == dict.fromkeys(
        students, "passed"
    )
    assert in_gradebook(course) == students
    runs = Counter(who for who, _ in cluster.ran())
    assert set(runs) == set(students) and runs.total() > len(students)  # some were run once more


def test_is_what_is_finished_let_go_of_at_once(
    course: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its worker's end would have it run once more, before what nobody has run yet."""
    monkeypatch.setattr(grid_pool, "LOOK_EVERY", 0.05)
    hand_in(course, "ada")

    def kept(dask_scheduler: Any) -> list[str]:
        return [*dask_scheduler.tasks]

    thread = meanwhile(cluster, 1, lambda: time.sleep(1))  # the pool looks for workers meanwhile
    opened = Course.open(course)
    gc.disable()
    try:
        pool = DaskPool(cluster.address)
        with closing(pool), closing(Classroom(opened, find_submissions(opened)[0])) as room:
            for _ in room.grade(pool):
                until(lambda: not pool._client.run_on_scheduler(kept))
    finally:
        gc.enable()
        thread.join()


@night("by day a machine goes, and a forkserver is killed")
def test_does_a_submission_that_ends_its_worker_cost_no_other(
    course: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid_pool, "LOOK_EVERY", 0.05)  # it sees that there is no worker left
    hand_in(course, "ada", "poison", "zoe")
    pool = DaskPool(cluster.address)

    def after_one_death(dask_scheduler: Any) -> None:  # not four: a worker takes seconds to start
        dask_scheduler.allowed_failures = 0

    pool._client.run_on_scheduler(after_one_death)
    done = grade(course, pool)
    assert {who: record.outcome for who, record in done.items()} == {
        "ada": "passed",
        "poison": "grader-error",
        "zoe": "passed",
    }
    (note,) = done["poison"].notes[-1:]
    assert "each worker that ran it has ended" in note
    assert in_gradebook(course) == ["ada", "poison", "zoe"]


def test_is_a_scheduler_that_is_gone_a_sentence_and_the_next_run_goes_on(
    course: Path, cluster: Cluster
) -> None:
    """The last one of this cluster."""
    import dask

    hand_in(course, "ada")
    grade(course, DaskPool(cluster.address))
    hand_in(course, "bob", "cy")
    scheduler = cluster.processes[0]
    thread = meanwhile(cluster, 2, lambda: os.kill(scheduler.pid, signal.SIGKILL))
    done = here(course, "grade", "--scheduler", cluster.address)
    thread.join()
    assert done.exit_code == 1, done.output
    assert "is gone. What was finished is kept" in done.output and "Traceback" not in done.output
    assert in_gradebook(course) == ["ada"]
    scheduler.wait()
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        nobody = here(course, "grade", "--scheduler", cluster.address)
    assert nobody.exit_code == 2 and "no scheduler can be used" in nobody.output
    assert grade(course, LocalPool(InProcess(), 1))["bob"].outcome == "passed"
    assert in_gradebook(course) == ["ada", "bob", "cy"]


@in_turn
def test_is_a_killed_forkserver_replaced_by_its_worker(
    course: Path, cluster: Cluster, tmp_path: Path
) -> None:
    """The real engine, on a worker of its own."""
    hand_in(course, "ada")
    real = Cluster(tmp_path, cluster.environment)
    try:
        real.scheduler()
        where = ("--local-directory", str(tmp_path))
        worker = real.start(*command(real.address, 1), *where, **{LIBRARIES: ""})
        (first,) = grade(course, DaskPool(real.address, libraries=())).values()
        assert first.outcome == "passed" and first.engine == "isolated"
        forkservers = []
        for one in psutil.Process(worker.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # it has just ended
                if "headcheck.inside.warm" in one.cmdline():
                    forkservers.append(one)
        assert forkservers
        for one in forkservers:
            with suppress(psutil.NoSuchProcess):  # one holds the other
                one.kill()
        (again,) = grade(course, DaskPool(real.address, libraries=()), force=True).values()
        assert again.outcome == "passed"
    finally:
        real.end()
