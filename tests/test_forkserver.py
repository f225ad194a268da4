"""Does the forkserver start clean, fork safely, and leave nothing behind?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hours import in_turn

from headcheck.grading.engines.student import StudentProcess
from headcheck.grading.work import Limits
from headcheck.sandbox import room
from headcheck.sandbox.forkserver import Forkserver, ForkserverError
from headcheck.sandbox.jail import IsolationUnavailable, JailSettings
from headcheck.sandbox.watchdog import host_pid, private_mib, runs, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the isolated engine needs Linux")
LIMITS = Limits(memory_mib=600, cell_seconds=30)


def value(student: StudentProcess, code: str) -> str:
    run = student.run_cell(code)
    assert run.outcome == "passed", run.outputs
    return str(run.outputs[-1].data["text/plain"])


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_the_owner_does_not_import_torch() -> None:
    code = "import headcheck.grading.engines.student, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_child_starts_with_one_thread_and_everything_imported(forkserver: Forkserver) -> None:
    with StudentProcess(forkserver, LIMITS) as student:
        assert value(student, "import os; len(os.listdir('/proc/self/task'))") == "1"
        modules = "'torch', 'torchvision', 'fastai.vision.all', 'matplotlib', 'headcheck.heads.expect_head'"
        assert value(student, f"import sys; all(m in sys.modules for m in ({modules},))") == "True"
        assert value(student, "import torch; torch.get_num_threads()") == "1"


def test_children_share_no_writable_memory(forkserver: Forkserver) -> None:
    """Shared memory made before the fork would be a channel between two students."""
    with StudentProcess(forkserver, LIMITS) as student:
        code = "[line for line in open('/proc/self/maps') if line.split()[1][1::2] == 'ws']"
        assert value(student, code) == "[]"


def test_torch_works_after_the_fork_with_more_threads(forkserver: Forkserver) -> None:
    with StudentProcess(forkserver, LIMITS) as student:
        code = """
import torch
torch.set_num_threads(2)
layer = torch.nn.Conv2d(3, 8, 3)
layer(torch.randn(8, 3, 64, 64)).square().mean().backward()
from torch.utils.data import DataLoader
sum(batch.sum() for batch in DataLoader(torch.ones(8, 2), num_workers=2)).item()
"""
        assert value(student, code) == "16.0"


def test_every_child_starts_from_the_same_state(forkserver: Forkserver) -> None:
    code = "import torch, numpy; torch.rand(1).item(), numpy.random.rand()"
    answers = set()
    for _ in range(2):
        with StudentProcess(forkserver, LIMITS) as student:
            answers.add(value(student, code))
    assert len(answers) == 1


def test_several_threads_fork_at_once(forkserver: Forkserver) -> None:
    def grade(number: int) -> str:
        with StudentProcess(forkserver, LIMITS) as student:
            return value(student, f"{number} * 2")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(grade, range(8))) == [str(n * 2) for n in range(8)]


@in_turn
def test_a_hundred_forks_leave_nothing(forkserver: Forkserver) -> None:
    processes, files = tree(forkserver.process.pid), len(os.listdir("/proc/self/fd"))
    for _ in range(100):
        forkserver.fork("student", JailSettings()).close()
    assert tree(forkserver.process.pid) == processes
    # (The watchdog, a thread of ours, may just have opened something of the last one.)
    assert eventually(lambda: len(os.listdir("/proc/self/fd")) <= files)


def test_a_child_costs_little_memory(forkserver: Forkserver) -> None:
    with StudentProcess(forkserver, LIMITS) as student:
        code = "from fastai.vision.all import *\nhead = create_head(512, 37); len(head)"
        assert value(student, code) == "9"
        assert private_mib(host_pid(student.child.pidfd)) < 60


def test_exit_code_and_cpu_time_are_reported(forkserver: Forkserver) -> None:
    with StudentProcess(forkserver, LIMITS) as student:
        student.run_cell("sum(range(10**6)); import os; os._exit(7)")
    assert student.child.exit_code == 7
    assert student.child.cpu_seconds > 0


def test_an_unknown_role_is_an_error_not_the_end(forkserver: Forkserver) -> None:
    with pytest.raises(ForkserverError, match="nobody"):
        forkserver.fork("nobody", JailSettings())  # type: ignore[arg-type]
    forkserver.fork("student", JailSettings()).close()


def test_the_checkers_socket_reaches_the_student(forkserver: Forkserver) -> None:
    """A closed line ends the student process: the checker it belonged to is gone."""
    ours, theirs = socket.socketpair()
    with StudentProcess(forkserver, LIMITS, questions=theirs) as student:
        theirs.close()
        assert value(student, "1") == "1"
        ours.close()
        assert student.child.wait(300) == 0


OWNER = """
import sys, threading, time
from headcheck.sandbox.forkserver import Forkserver
from headcheck.grading.engines.student import StudentProcess
from headcheck.grading.work import Limits
server = Forkserver.start()
student = StudentProcess(server, Limits())
student.run_cell("import subprocess; subprocess.Popen(['sleep', '999'])")
busy = threading.Thread(target=student.run_cell, args=("import time; time.sleep(999)",))
busy.start()  # in the middle of a cell it would not see that nobody asks any more
time.sleep(1)
print(server.process.pid, flush=True)
busy.join()
"""


@in_turn
def test_it_ends_with_its_owner_however_that_dies() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        processes = tree(pid)
        assert len(processes) >= 4  # bwrap, its init, the forkserver, the student, sleep
        owner.send_signal(signal.SIGKILL)
    assert eventually(lambda: not any(map(runs, processes))), [p for p in processes if runs(p)]


def test_a_process_that_ends_while_it_is_looked_at_does_not_stop_the_watchdog(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between seeing a process and listing its threads it may be gone."""
    listdir = os.listdir

    def gone(folder: str) -> list[str]:
        if folder.startswith("/proc/"):
            raise FileNotFoundError(folder)
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", gone)
    assert tree(os.getpid()) == [os.getpid()]


@in_turn
def test_a_forkserver_that_died_is_a_clear_error() -> None:
    with Forkserver.start() as server:
        child = server.fork("student", JailSettings())
        for process in reversed(tree(server.process.pid)):
            with suppress(ProcessLookupError):  # whoever waits for the one before has ended, too
                os.kill(process, signal.SIGKILL)
        assert eventually(lambda: not child.alive())
        with pytest.raises(ForkserverError, match=r"gone.*Start the grading again"):
            server.fork("student", JailSettings())
        child.close()


def test_a_failing_import_names_cause_and_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted torchvision fails as one does that was built for another torch."""
    message = "operator torchvision::nms does not exist"
    program = f"""
import sys, types
class Mismatch:
    def find_spec(self, name, path=None, target=None):
        if name == "torchvision": raise RuntimeError({message!r})
sys.meta_path.insert(0, Mismatch())
from headcheck.inside import warm as warm_process
warm_process.main()
"""
    command = room.command
    monkeypatch.setattr(
        room,
        "command",
        lambda line, *rest: command([line[0], "-P", "-s", "-c", program, *line[5:]], *rest),
    )
    with pytest.raises(ForkserverError) as caught:
        Forkserver.start()
    assert message in caught.value.reason
    assert "torch and torchvision do not belong together" in caught.value.remedy


def test_a_course_inside_the_interpreters_folder_is_refused() -> None:
    with pytest.raises(IsolationUnavailable, match="Move the course"):
        Forkserver.start([Path(sys.prefix) / "share"])


def test_a_kernel_without_namespaces_is_refused_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(room, "bubblewrap", lambda: str(fake))
    with pytest.raises(IsolationUnavailable, match=r"uid map.*--engine nbgrader"):
        Forkserver.start()
