"""Does a resident grader do what the command does by itself, and is it out of the way when it cannot?"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hours import in_turn
from ordinary_user import as_ordinary_user
from test_inherited_memory import TEXT, planted_in
from tiny_course import NAME, headcheck, make_course, run_python

from headcheck.authoring.samples import Sample, compose
from headcheck.course.directory import Course
from headcheck.grading.engines.student import StudentProcess
from headcheck.grading.work import Limits
from headcheck.resident import address
from headcheck.resident.client import NO, ask
from headcheck.resident.key import key_of
from headcheck.resident.lend import borrow
from headcheck.resident.watch import Arrivals, Places
from headcheck.sandbox.jail import JailSettings
from headcheck.sandbox.watchdog import runs, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it keeps isolated graders warm")
SECONDS = 600.0  # a guard against hanging
ANSWER = b"twice_as_much = x + x"
# Instead of it: until it is ended; and, where nothing isolates it, until it may go on.
WAITS = rb"import time\n    time.sleep(999)"
ASKS = rb"import os, time\n    open('TOP/begun', 'w').close()\n    while not os.path.exists('TOP/go'): time.sleep(0.02)\n    "


def eventually(condition: Callable[[], object]) -> bool:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def course(forkserver: object) -> Iterator[Path]:
    """Deep below long names; a right submission, and two that wait."""
    top = Path(tempfile.mkdtemp())
    top.chmod(0o755)
    made = make_course(top / ("a-folder-with-a-long-name/" * 5))
    with (made / "grader_config.py").open("a") as config:
        config.write("c.Headcheck.libraries = []\n")  # it starts at once
    assert headcheck(made, "build", "--no-verify").returncode == 0
    right = compose(Sample(made, "right", NAME, loses=()), Course.open(made))
    asks = ASKS.replace(b"TOP", bytes(top)) + ANSWER
    marked = ANSWER + b"  # " + TEXT.encode()
    for student, answer in {"ada": marked, "waits": WAITS, "asks": asks}.items():
        for name, data in right.items():
            path = made / "submitted" / student / NAME / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.replace(ANSWER, answer))
    yield made
    shutil.rmtree(top)


FINDS = """
import os, socket
place = r"PLACE"
folder, name = os.path.split(place)
found = [line for line in open("/proc/net/unix") if "serve-" in line]
found += [path for path in (place, folder, os.path.dirname(folder)) if os.path.exists(path)]
opened = ["/proc/self/fd/" + fd for fd in os.listdir("/proc/self/fd")]
for path in [place, *(start + "/" + name for start in opened), "\\0" + name, "\\0" + place]:
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(path)
        found.append(path)
    except OSError:
        pass
found
"""


@dataclass
class Server:
    """`headcheck serve`, ready."""

    process: subprocess.Popen[str]
    at_rest: int  # processes when it serves nobody

    def said(self) -> str:
        """Its next line: it says one of each that it has served, when all of that has ended."""
        assert self.process.stdout is not None
        with self.guarded():
            return self.process.stdout.readline()

    def line_with(self, words: str) -> str:
        """The next line with these words; "" when it has ended."""
        assert self.process.stdout is not None
        with self.guarded():
            return next((line for line in self.process.stdout if words in line), "")

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Who waits for a line gets none after a time; not a limit for all that it serves."""
        guard = threading.Timer(SECONDS, self.process.kill)
        guard.start()
        try:
            yield
        finally:
            guard.cancel()

    def more(self) -> int:
        """Processes beside those at rest. Of a submission that runs: a command, its clerk, and two."""
        return len(tree(self.process.pid)) - self.at_rest


@contextmanager
def serving(course: Path, *options: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "headcheck.cli", "serve", *options]
    with subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, text=True) as process:
        found = Server(process, 0)
        try:
            assert "Ready" in found.said()
            found.at_rest = len(tree(process.pid))
            yield found
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server(course: Path) -> Iterator[Server]:
    with serving(course) as found:
        yield found


def start(course: Path, *arguments: str) -> subprocess.Popen[str]:
    """A command as somebody starts it, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "headcheck.cli", *arguments],
        cwd=course,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def grade(course: Path, student: str, *options: str) -> subprocess.Popen[str]:
    return start(course, "grade", NAME, "--student", student, "--force", *options)


@contextmanager
def one_that_waits(course: Path, server: Server) -> Iterator[subprocess.Popen[str]]:
    """A served command in the middle of a submission that does not end by itself."""
    with grade(course, "waits") as process:
        try:
            assert eventually(lambda: server.more() == 4 or process.poll() is not None)
            assert process.poll() is None, process.communicate()
            yield process
        finally:
            process.kill()


@in_turn
def test_is_a_served_command_the_same_as_one_that_does_everything_itself(
    course: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "results.json"
    options = ("--seed", "3", "--json", str(file))
    with grade(course, "ada", *options) as process:
        served, _ = process.communicate()
    assert (process.returncode, json.loads(file.read_text())[0]["score"]) == (0, 4)
    assert server.said().startswith(f"grade {NAME} --student ada")
    # Nothing of it stays: the answer was marked.
    assert TEXT in (course / "autograded" / "ada" / NAME / f"{NAME}.ipynb").read_text()
    (warm,) = [pid for pid in tree(server.process.pid) if tree(pid) == [pid]]
    assert planted_in(server.process.pid) == planted_in(warm) == []
    file.unlink()
    monkeypatch.setenv(NO, "1")
    alone = headcheck(course, "grade", NAME, "--student", "ada", "--force", *options)
    assert (alone.returncode, json.loads(file.read_text())[0]["score"]) == (0, 4)
    assert served == alone.stdout
    assert server.more() == 0


def test_can_a_notebook_not_reach_it(course: Path, server: Server) -> None:
    lent = borrow(course)
    assert lent is not None
    (name,) = address.all_mine(course)
    with StudentProcess(lent, Limits()) as student:
        run = student.run_cell(FINDS.replace("PLACE", str(course / address.FOLDER / name)))
    lent.close()
    assert run.outcome == "passed", run.outputs
    assert run.outputs[-1].data["text/plain"] == "[]", run.outputs
    assert "lent" in server.said()


def test_is_a_wrong_command_refused_in_the_same_words(course: Path, server: Server) -> None:
    with grade(course, "nobody") as process:
        _, wrong = process.communicate()
    assert process.returncode == 2 and "there is no student 'nobody'" in wrong
    assert "exit code 2" in server.said()


def test_does_ctrl_c_end_what_runs_and_nothing_else(course: Path, server: Server) -> None:
    with one_that_waits(course, server) as process:
        assert ask(course, "command") is None and borrow(course) is None  # one at a time
        process.send_signal(signal.SIGINT)
        _, wrong = process.communicate()
    assert process.returncode == 130 and "stopped" in wrong
    assert "exit code 130" in server.said()
    assert server.more() == 0


def test_does_a_command_end_when_nobody_waits_for_it_any_more(course: Path, server: Server) -> None:
    with one_that_waits(course, server) as process:
        process.kill()
    assert "exit code 130" in server.said()
    assert server.more() == 0


def test_is_the_forkserver_lent_and_does_nothing_of_a_loan_stay(
    course: Path, server: Server
) -> None:
    lent = borrow(course)
    assert lent is not None and lent.is_lent
    child = lent.fork("student", JailSettings())
    assert server.more() == 1 and borrow(course) is None
    lent.close()
    assert "lent" in server.said()
    assert server.more() == 0
    child.close()


def test_does_nbgraders_own_autograde_borrow_it(course: Path, server: Server) -> None:
    """And formgrader's button, which runs the same. It gives it back after each notebook."""
    options = ("--student", "ada", "--assignment", NAME, "--force")
    done = run_python(course, "-m", "nbgrader", "autograde", *options)
    assert done.returncode == 0, done.stderr
    assert "lent" in server.said()
    assert server.more() == 0


BORROWER = """
import sys, time
from pathlib import Path
from headcheck.resident.lend import borrow
from headcheck.sandbox import frames
from headcheck.sandbox.jail import JailSettings
lent = borrow(Path.cwd())
child = lent.fork("student", JailSettings())
lent._control.sendall(frames.encode({"half": "of a question"})[:-9])
print("has it", flush=True)
time.sleep(60)
"""


def test_does_a_borrower_that_is_killed_leave_the_forkserver_as_it_was(
    course: Path, server: Server
) -> None:
    command = [sys.executable, "-c", BORROWER]
    with subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, text=True) as borrower:
        assert borrower.stdout is not None and borrower.stdout.readline() == "has it\n"
        assert server.more() == 1
        borrower.kill()
    assert "lent" in server.said()
    assert server.more() == 0
    lent = borrow(course)
    assert lent is not None
    lent.fork("student", JailSettings()).close()
    lent.close()
    assert "lent" in server.said()


OTHER = """
import sys
from pathlib import Path
from headcheck.resident import address
root = Path.cwd()
(name,) = [path.name for path in (root / address.FOLDER).glob("serve-*.sock")]
try:
    address.connect(root, name, 5)
except PermissionError as error:
    sys.exit(f"refused: {error}")
"""


def test_can_nobody_else_reach_it(course: Path, server: Server) -> None:
    other = as_ordinary_user(course, 12399, "-B", "-c", OTHER)
    assert other.stderr.startswith("refused"), other.stderr


def test_is_a_socket_of_somebody_else_not_believed(
    course: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that a group shares, another may have made it."""
    (name,) = address.all_mine(course)
    monkeypatch.setattr(os, "getuid", lambda: 12399)
    with pytest.raises(PermissionError, match="expected 12399"):
        address.connect(course, name, 5)


def test_does_a_second_one_say_who_serves(course: Path, server: Server) -> None:
    second = headcheck(course, "serve")
    assert second.returncode == 1
    assert f"process {server.process.pid} on" in second.stderr and "--stop" in second.stderr


@pytest.fixture
def copy(course: Path, tmp_path: Path) -> Path:
    """The course for a server of its own; each of the parallel workers of pytest may have all tests in any order."""
    made = tmp_path / "copy"
    shutil.copytree(course, made, ignore=shutil.ignore_patterns(address.FOLDER))
    return made


@in_turn
def test_does_a_command_go_on_by_itself_when_the_server_is_killed(copy: Path, course: Path) -> None:
    """(Not isolated, so that the notebook can be told to go on.)"""
    top = course.parents[4]
    with serving(copy) as server, grade(copy, "asks", "--engine", "nbgrader") as process:
        assert eventually((top / "begun").exists)
        served = tree(server.process.pid)
        server.process.kill()
        (top / "go").touch()
        _, wrong = process.communicate()
    assert process.returncode == 0 and "this goes on here" in wrong and "4/4" in wrong
    assert eventually(lambda: not any(map(runs, served)))
    assert address.all_mine(copy)  # what a killed one leaves behind
    assert ask(copy, "command") is None
    with empty_one(copy):
        assert len(address.all_mine(copy)) == 1


@in_turn
def test_does_one_that_watches_grade_what_arrives_and_once(copy: Path) -> None:
    for student in ("waits", "asks"):
        shutil.rmtree(copy / "submitted" / student)
    with serving(copy, "--watch") as watching:
        assert "--student=ada" in watching.line_with("exit code")  # what came while nobody watched
        ada, bob = (copy / "submitted" / student / NAME for student in ("ada", "bob"))
        bob.mkdir(parents=True)
        (bob / "half.part").write_bytes(b"")
        shutil.copy(ada / f"{NAME}.ipynb", bob / "half.part")
        (bob / "half.part").rename(bob / f"{NAME}.ipynb")
        assert "--student=bob" in watching.line_with("exit code 0")
        graded = (copy / "autograded" / "bob" / NAME / f"{NAME}.ipynb").stat()
        (bob / f"{NAME}.ipynb").touch()  # an event, and nothing new
        assert watching.line_with("1 of 1 did not change")
        assert (copy / "autograded" / "bob" / NAME / f"{NAME}.ipynb").stat() == graded
        watching.process.send_signal(signal.SIGTERM)
        assert watching.line_with("Ended: told to")


def test_is_nothing_told_before_it_is_at_rest(tmp_path: Path) -> None:
    arrivals = Arrivals(Places(tmp_path), rest=2)
    file = tmp_path / "ada" / NAME / "a.ipynb"
    file.parent.mkdir(parents=True)
    (tmp_path / ".earlier" / "ada").mkdir(parents=True)
    assert arrivals.look(0) == [] and not arrivals.waits
    file.write_text("one")
    assert arrivals.look(10) == [] and arrivals.waits
    file.write_text("two and more")
    assert arrivals.look(13) == [] and arrivals.look(14) == []  # it has been like that since 13
    assert arrivals.look(15) == [("submitted", "ada", NAME)] and not arrivals.waits
    assert arrivals.look(30) == []
    file.unlink()
    assert arrivals.look(40) == [] and not arrivals.waits


# ---- how it ends: one that has imported nothing, and forks nothing --------------------------------

EMPTY = """
import socket, sys
from pathlib import Path
from headcheck.course.directory import Course
from headcheck.resident import server
from headcheck.sandbox import frames
from headcheck.sandbox.forkserver import Forkserver
far, near = socket.socketpair()
frames.send(far, {"returned": True})
server.import_everything = lambda releases: None
Forkserver.launch = lambda private, libraries: Forkserver.lent(near, warm_memory_mib=0, own_users=False)
say = lambda sentence: print(sentence, flush=True)
server.serve(Course.open(Path.cwd()), print, idle_minutes=float(sys.argv[1]), say=say)
"""


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return make_course(tmp_path / "bare")


@contextmanager
def empty_one(course: Path, idle: float = 15) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", EMPTY, str(idle)]
    with subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and "Ready" in process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_does_it_end_when_the_configuration_changes(bare: Path) -> None:
    """Who asks it first is the next one."""
    with empty_one(bare) as old:
        before = key_of(bare)
        with (bare / "grader_config.py").open("a") as config:
            config.write("# changed\n")
        assert key_of(bare) != before
        with empty_one(bare) as new:
            assert "has changed" in old.communicate()[0] and old.returncode == 0
            assert address.all_mine(bare) == [address.name_of(key_of(bare))]
            new.send_signal(signal.SIGTERM)
            assert "told to" in new.communicate()[0] and new.returncode == 0
    assert not address.all_mine(bare)


def test_does_it_end_when_nobody_uses_it(bare: Path) -> None:
    with empty_one(bare, idle=0.001) as process:
        assert "nobody has used it" in process.communicate()[0]
    assert process.returncode == 0 and not address.all_mine(bare)


def test_does_it_end_when_told(bare: Path) -> None:
    with empty_one(bare) as process:
        assert "no more" in headcheck(bare, "serve", "--stop").stdout
        assert process.wait() == 0
    assert "Nothing of yours" in headcheck(bare, "serve", "--stop").stdout


def test_is_whether_it_is_there_asked_without_loading_anything() -> None:
    code = "import headcheck.start, headcheck.resident.client, sys; sys.exit(any(m in sys.modules for m in ('typer', 'pydantic', 'torch', 'nbgrader')))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
