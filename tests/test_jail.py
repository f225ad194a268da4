"""Can a student process reach, keep or break anything? One test per threat, in a real fork."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from conftest import SECRET
from hours import IN_THE_NIGHT, in_turn, night
from nbformat.v4 import new_code_cell, new_notebook
from ordinary_user import as_ordinary_user

import headcheck
from headcheck.grading.engines.allowance import Allowance
from headcheck.grading.engines.student import CellRun, StudentProcess
from headcheck.grading.work import Limits
from headcheck.sandbox import users
from headcheck.sandbox.forkserver import Forkserver
from headcheck.sandbox.watchdog import host_pid, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail is made of Linux")

# What the owner measures and what it does with what comes back: no matter as whom. Asked of root alone,
# but at night.
for_every_user_alike = pytest.mark.for_every_user_alike

COURSE = Path(headcheck.__file__).parent.parent
LIMITS = Limits(
    memory_mib=600, cell_seconds=20, processes=40, file_mib=8, disk_mib=24, output_kib=64
)
SHORT = Allowance(0.5, 100)
PRELUDE = """
import ctypes, errno, os, signal, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)

def attempt(action):
    try:
        result = action()
    except OSError as error:
        print(errno.errorcode[error.errno])
    except Exception as error:
        print(type(error).__name__)
    else:
        print("SUCCEEDED", result)

def call(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result

def write(path):
    with open(path, "w") as file:
        return file.write("x")
"""


def text(run: CellRun) -> str:
    return "".join(node.text for node in run.outputs if node.output_type == "stream").strip()


@pytest.fixture
def student(forkserver: Forkserver) -> Iterator[StudentProcess]:
    with StudentProcess(forkserver, LIMITS) as process:
        assert process.run_cell(PRELUDE).outcome == "passed"
        yield process


def says(student: StudentProcess, code: str) -> str:
    run = student.run_cell(code)
    assert run.outcome == "passed", run.outputs
    return text(run)


# --- what it can see ------------------------------------------------------------------------------


def test_reading_the_course_finds_only_what_is_installed(student: StudentProcess) -> None:
    for name in ("source", "gradebook.db", "submitted", "pyproject.toml", "tests"):
        assert says(student, f"attempt(lambda: os.stat({str(COURSE / name)!r}))") == "ENOENT"
    seen = says(student, f"print(*os.listdir({str(COURSE)!r}))").split()
    assert set(seen) <= {"headcheck", Path(sys.prefix).name}


@pytest.mark.parametrize("path", ["/etc/shadow", "/etc/hostname", "/var", "/root/.bashrc", "/boot"])
def test_reading_the_machine(student: StudentProcess, path: str) -> None:
    assert says(student, f"attempt(lambda: os.stat({path!r}))") == "ENOENT"


def test_reading_a_file_of_the_host(student: StudentProcess, tmp_path: Path) -> None:
    canary = tmp_path / "another submission.ipynb"
    canary.write_text("secret")
    assert says(student, f"attempt(lambda: open({str(canary)!r}).read())") == "ENOENT"
    assert says(student, f"!cat '{canary}'").endswith("No such file or directory")


def test_reading_secrets_of_the_environment(student: StudentProcess) -> None:
    assert os.environ["HEADCHECK_TEST_SECRET"] == SECRET
    code = "print(dict(os.environ), open('/proc/1/environ').read(), open('/proc/1/cmdline').read())"
    assert SECRET not in says(student, code)


def test_reading_through_inherited_files(student: StudentProcess) -> None:
    kinds = says(
        student,
        "for n in os.listdir('/proc/self/fd'):\n  attempt(lambda: os.readlink('/proc/self/fd/' + n))",
    )
    allowed = ("/dev/null", "pipe:", "socket:", "anon_inode:[eventpoll]")
    for line in kinds.splitlines():
        assert line == "ENOENT" or line.removeprefix("SUCCEEDED ").startswith(allowed)


def test_seeing_other_processes(student: StudentProcess) -> None:
    assert says(student, "print(os.getpid(), os.getppid())") == "1 0"
    assert says(student, "print([n for n in os.listdir('/proc') if n.isdigit()])") == "['1']"


# --- whom it can talk to --------------------------------------------------------------------------

FAMILIES = {
    "tcp": "socket.AF_INET, socket.SOCK_STREAM",
    "udp": "socket.AF_INET, socket.SOCK_DGRAM",
    "ipv6": "socket.AF_INET6, socket.SOCK_STREAM",
    "netlink": "socket.AF_NETLINK, socket.SOCK_RAW",
    "packets": "socket.AF_PACKET, socket.SOCK_RAW",
    "the hypervisor": "socket.AF_VSOCK, socket.SOCK_STREAM",
    "bluetooth": "31, socket.SOCK_STREAM",
}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_network_of_any_family(student: StudentProcess, family: str) -> None:
    assert says(student, f"attempt(lambda: socket.socket({family}))") == "EAFNOSUPPORT"


def test_network_by_a_family_with_high_bits(student: StudentProcess, number: Number) -> None:
    code = f"attempt(lambda: call({number('socket')}, 2 | 1 << 40, 1, 0))"
    assert says(student, code) == "EAFNOSUPPORT"


def test_network_by_bash(student: StudentProcess) -> None:
    assert (
        "not permitted" in (run := says(student, "!bash -c 'echo x > /dev/tcp/127.0.0.1/22' 2>&1"))
        or "supported" in run
    )


def test_connecting_to_sockets_of_the_host(student: StudentProcess, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as named, socket.socket(socket.AF_UNIX) as abstract:
        named.bind(str(tmp_path / "grader"))
        named.listen()
        abstract.bind(f"\0{tmp_path}")
        abstract.listen()
        code = "attempt(lambda: socket.socket(socket.AF_UNIX).connect({!r}))"
        assert says(student, code.format(str(tmp_path / "grader"))) == "ENOENT"
        assert says(student, code.format(f"\0{tmp_path}")) in ("ECONNREFUSED", "EPERM")


def test_killing_the_grader_or_a_neighbour(student: StudentProcess, forkserver: Forkserver) -> None:
    with StudentProcess(forkserver, LIMITS) as neighbour:
        assert neighbour.run_cell("1").outcome == "passed"
        assert says(student, "attempt(lambda: os.kill(-1, 9))") == "ESRCH"
        code = f"for pid in (2, 3, {os.getpid()}, {forkserver.process.pid}):\n"
        assert set(says(student, code + "  attempt(lambda: os.kill(pid, 9))").split()) == {"ESRCH"}
        assert neighbour.run_cell("1").outcome == "passed"


# --- which doors of the kernel are shut -----------------------------------------------------------

Number = Callable[[str], int]
CALLS = [
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "kcmp",
    "pidfd_getfd",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "mount_setattr",
    "unshare",
    "setns",
    "clone3",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "add_key",
    "keyctl",
    "init_module",
    "kexec_load",
    "reboot",
    "swapon",
    "acct",
    "syslog",
    "name_to_handle_at",
    "open_by_handle_at",
    "fanotify_init",
    "memfd_create",
    "shmget",
    "msgget",
    "semget",
    "mq_open",
    "personality",
    "settimeofday",
    "clock_settime",
    "sethostname",
    "seccomp",
    "landlock_create_ruleset",
    "vmsplice",
    "splice",
    "tee",
    "sendfile",
    "io_setup",
    "io_submit",
    "inotify_init",
    "inotify_init1",
    "cachestat",
    "ioprio_set",
]


@pytest.fixture
def number() -> Number:
    import pyseccomp

    return lambda name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)


def test_dangerous_system_calls(student: StudentProcess, number: Number) -> None:
    numbers = [number(name) for name in CALLS]
    code = f"for n in {numbers}:\n  attempt(lambda: call(n, 0, 0, 0, 0, 0, 0))"
    answers = dict(zip(CALLS, says(student, code).split("\n"), strict=True))
    assert set(answers.values()) == {"EPERM", "ENOSYS"}, answers


def test_system_calls_newer_than_the_filter(student: StudentProcess) -> None:
    code = "for n in range(463, 500):\n  attempt(lambda: call(n, 0, 0, 0, 0, 0, 0))"
    assert set(says(student, code).split()) == {"ENOSYS"}


def test_system_calls_of_another_architecture(student: StudentProcess) -> None:
    """The 32-bit and x32 tables of an x86-64 kernel have numbers the filter does not judge."""
    run = student.run_cell("attempt(lambda: call(0x40000000 | 41, 2, 1, 0))")
    assert run.outcome == "died" or text(run) == "ENOSYS"


def test_a_new_user_namespace(student: StudentProcess, number: Number) -> None:
    code = f"attempt(lambda: call({number('clone')}, 0x10000000 | 17, 0, 0, 0, 0))"
    assert says(student, code) == "ENOSYS"
    assert "ermitted" in says(student, "!unshare --user id 2>&1")


@pytest.mark.parametrize(
    "action",
    [
        "os.setuid(0)",
        "os.setgroups([0])",
        "os.mknod('disk', 0o60600, os.makedev(254, 0))",
        "os.chown('/home/student', 0, 0)",
        "__import__('resource').setrlimit(__import__('resource').RLIMIT_NPROC, (9999, 9999))",
        "open('/proc/1/uid_map', 'w').write('0 0 1')",
    ],
)
def test_gaining_rights(student: StudentProcess, action: str) -> None:
    answer = says(student, f"attempt(lambda: {action})")
    assert answer in ("EPERM", "EINVAL", "EACCES", "ValueError")


def test_outliving_the_grader_by_clearing_the_death_signal(
    student: StudentProcess, number: Number
) -> None:
    code = f"attempt(lambda: call({number('prctl')}, 1, 0, 0, 0, 0))"
    assert says(student, code) == "ENOSYS"


# --- what it can change ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"{Path(headcheck.__file__).parent}/lesson/modules.py",
        f"{sys.prefix}/pyvenv.cfg",
        "/usr/bin/x",
        "/etc/passwd",
        "/x",
        "/dev/x",
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/drop_caches",
    ],
)
def test_writing_outside_its_own_space(student: StudentProcess, path: str) -> None:
    assert says(student, f"attempt(lambda: write({path!r}))") in ("EROFS", "EACCES", "EPERM")


def test_leaving_something_behind(student: StudentProcess, forkserver: Forkserver) -> None:
    places = ("/tmp/left-behind", "/dev/shm/left-behind", "/home/student/left-behind")
    for place in places:
        assert says(student, f"attempt(lambda: write({place!r}))") == "SUCCEEDED 1"
        assert not Path(place).exists()
    student.close()
    with StudentProcess(forkserver, LIMITS) as next_one:
        next_one.run_cell(PRELUDE)
        for place in places:
            assert says(next_one, f"attempt(lambda: os.stat({place!r}))") == "ENOENT"


def test_filling_the_disk(student: StudentProcess) -> None:
    one = "attempt(lambda: open('/tmp/big', 'wb').write(bytes(9 << 20)))"
    assert says(student, one) == "EFBIG"
    many = (
        "for n in range(9):\n  attempt(lambda: open(f'/dev/shm/{n}', 'wb').write(bytes(5 << 20)))"
    )
    assert says(student, many).endswith("ENOSPC")
    count = "n = 0\nwhile True:\n  try: open(f'/tmp/many{n}', 'w').close(); n += 1\n  except OSError: break\nprint(n)"
    assert int(says(student, "!rm -f /tmp/big /dev/shm/*\n" + count)) < 3000


def test_planting_modules_and_links_in_the_submission(forkserver: Forkserver) -> None:
    planted = {
        "torch.py": b"raise SystemExit",
        "sitecustomize.py": b"raise SystemExit",
        "data/note.txt": b"mine",
    }
    with StudentProcess(forkserver, LIMITS, files=planted) as student:
        code = "import torch; print(open('data/note.txt').read(), torch.ones(1).item())"
        assert says(student, code) == "mine 1.0"
    for name in ("../up", "/etc/passwd", "a/../../b", "."):
        with pytest.raises(ValueError, match="not a file name"):
            StudentProcess(forkserver, LIMITS, files={name: b""})


# --- what it can use up ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    ["import numpy; numpy.ones(50 << 27)", "import torch; torch.ones(1 << 30)", "'x' * (4 << 30)"],
)
def test_memory_of_one_process(student: StudentProcess, code: str) -> None:
    run = student.run_cell(code)
    assert run.outcome == "out-of-memory" and "600 MiB" in run.message
    assert student.run_cell("1").outcome == "passed"


def test_memory_of_many_processes(student: StudentProcess) -> None:
    """Each stays under the limit of one; no rlimit sees the sum."""
    code = """
for _ in range(20):
    if os.fork() == 0:
        hoard = bytearray(b"x") * (300 << 20)
        signal.pause()
signal.pause()
"""
    run = student.run_cell(code, Allowance(120, 600))  # filling it takes its time on a busy machine
    assert run.outcome == "out-of-memory" and "600 MiB" in run.message
    assert run.outputs[-1].ename == "OutOfMemoryError"


def test_memory_that_no_limit_counts(student: StudentProcess) -> None:
    code = "import mmap\nattempt(lambda: mmap.mmap(-1, 1 << 30))"
    assert says(student, code) == "EPERM"
    assert says(student, "attempt(lambda: open('/dev/zero'))") == "ENOENT"


def test_memory_that_only_sockets_hold(student: StudentProcess) -> None:
    code = """
for _ in range(20):
    if os.fork() == 0:
        pairs = [socket.socketpair() for _ in range(240)]
        signal.pause()
signal.pause()
"""
    run = student.run_cell(code)
    assert run.outcome == "out-of-memory", (run.message, text(run))


def test_a_larger_socket_buffer(student: StudentProcess) -> None:
    code = "a, b = socket.socketpair()\n"
    code += "attempt(lambda: a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22))"
    assert says(student, code) == "ENOSYS"


@for_every_user_alike
@in_turn
def test_memory_of_page_tables(student: StudentProcess) -> None:
    """Reading untouched memory takes none, but the tables that say so are the kernel's."""
    code = """
import mmap
flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000
kept = []
for _ in range(2000):
    kept.append(mmap.mmap(-1, 1 << 30, flags=flags, prot=mmap.PROT_READ))
    for place in range(0, 1 << 30, 2 << 20):
        kept[-1][place]
"""
    run = student.run_cell(code)
    assert run.outcome == "out-of-memory", (run.message, text(run))


def test_terminals_of_the_whole_machine(student: StudentProcess, forkserver: Forkserver) -> None:
    code = "kept = []\nwhile True:\n  kept.append(os.openpty())"
    assert "No space left" in str(student.run_cell(code).outputs)
    with StudentProcess(forkserver, LIMITS) as neighbour:
        assert says(neighbour, "!echo still here") == "still here"


BOARD = "/usr/bin/env"  # a file that every submission can read
POST = f"""
import fcntl, struct
board = open({BOARD!r}, 'rb')
fcntl.flock(board, fcntl.LOCK_EX)
for command in (fcntl.F_SETLK, fcntl.F_OFD_SETLK):
    fcntl.fcntl(board, command, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 1000, 1, 0))
"""


def test_a_lock_on_a_shared_file_tells_nobody_anything(student: StudentProcess) -> None:
    """Programs that lock their files go on; on no file of the system is there a lock."""
    assert says(student, POST + "print('posted')") == "posted"
    with open(BOARD, "rb") as board:
        fcntl.flock(board, fcntl.LOCK_EX | fcntl.LOCK_NB)
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 1000, 1, 0)
        kind = struct.unpack("hhqqi4x", fcntl.fcntl(board, fcntl.F_GETLK, asked))[0]
        assert kind == fcntl.F_UNLCK
        # Held by a neighbour now, whoever that is: it is not felt inside.
        assert (
            says(student, "fcntl.flock(board, fcntl.LOCK_EX | fcntl.LOCK_NB); print('got it')")
            == "got it"
        )


@pytest.mark.parametrize(
    "command", ["F_GETLK", "F_OFD_GETLK", "F_SETLEASE", "F_NOTIFY", "F_SETPIPE_SZ"]
)
def test_asking_for_locks_leases_changes_and_larger_pipes(
    student: StudentProcess, command: str
) -> None:
    number = {"F_OFD_GETLK": 36, "F_SETLEASE": 1024, "F_NOTIFY": 1026, "F_SETPIPE_SZ": 1031}
    code = f"import fcntl\nattempt(lambda: fcntl.fcntl(os.open('/usr', 0), {number.get(command, 5)}, 1 << 20))"
    assert says(student, code) == "ENOSYS"


def test_a_database_and_a_lock_file_of_its_own_work(student: StudentProcess) -> None:
    code = """
import sqlite3
with sqlite3.connect('own.db') as database:
    database.execute('create table t(x)')
    database.execute('insert into t values (7)')
print(sqlite3.connect('own.db').execute('select x from t').fetchall())
"""
    assert says(student, code) == "[(7,)]"


def test_each_is_a_user_of_its_own_to_the_kernel(
    student: StudentProcess, forkserver: Forkserver
) -> None:
    """What the kernel counts per user is then nobody else's: watches, pipes, messages in flight."""
    if os.getuid() != 0 and not users.lent():
        assert not forkserver.own_users
        pytest.skip("an ordinary user has one number, where none are lent")
    with StudentProcess(forkserver, LIMITS) as neighbour:
        assert neighbour.run_cell("1").outcome == "passed"
        found = [_users(each) for each in (student, neighbour)]
    assert forkserver.own_users and found[0].isdisjoint(found[1])
    assert all(len(users) == 1 and 0 not in users for users in found)


def _users(student: StudentProcess) -> set[int]:
    status = Path(f"/proc/{host_pid(student.child.pidfd)}/status").read_text()
    return {int(n) for n in re.findall(r"^[UG]id:(.*)$", status, re.M)[0].split()}


@for_every_user_alike
@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "for _ in range(3):\n  if os.fork() == 0:\n    while True: pass\nwhile True: signal.pause()",
        "for _ in range(3):\n  if os.fork() == 0:\n    os.setsid()\n    while True: pass\nwhile True: signal.pause()",
        # Nobody waits for these, and each is there for a moment only.
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True:\n  if os.fork() == 0:\n"
        "    sum(range(6 * 10**6)); os._exit(0)\n  try: os.wait()\n  except OSError: pass",
        "while True: subprocess.run([sys.executable, '-S', '-c', 'sum(range(10**6))'])",
    ],
)
@in_turn
def test_processor_time_of_all_its_processes_is_limited(forkserver: Forkserver, code: str) -> None:
    """Wall time is as good as unlimited here: only what the processors did can end it."""
    limits = LIMITS.model_copy(update={"cell_seconds": 2, "wall_factor": 10_000})
    with StudentProcess(forkserver, limits) as student:
        student.run_cell(PRELUDE)
        run = student.run_cell(code)
        assert (run.outcome, "limit of 2 s" in run.message) == ("timeout", True), run.message


@in_turn
def test_a_crowd_of_processes_is_given_the_share_of_about_one(student: StudentProcess) -> None:
    # They begin together, after the cell: else the last are started against those that spin already.
    code = """
reading, writing = os.pipe()
for number in range(24):
    if os.fork() == 0:
        os.close(writing)
        if number % 2:
            os.setsid()
        os.read(reading, 1)
        while True: pass
os.close(writing)
"""
    assert student.run_cell(code).outcome == "passed"
    own = host_pid(student.child.pidfd)
    spinning = [pid for pid in tree(own) if pid != own]
    assert len(spinning) == 24
    before = os.getpriority(os.PRIO_PROCESS, own)
    wanted = min(19, before + 12)
    assert eventually(
        lambda: all(os.getpriority(os.PRIO_PROCESS, pid) >= wanted for pid in spinning)
    )
    if Path("/proc/self/autogroup").exists() and os.getuid() == 0:  # nobody else may

        def apart() -> list[Path]:  # a forked process may not have come to its setsid yet
            return [Path(f"/proc/{pid}/autogroup") for pid in spinning if os.getsid(pid) != own]

        assert eventually(lambda: len(apart()) == 12)
        assert eventually(lambda: all(p.read_text().split()[-1] != "0" for p in apart()))
    assert os.getpriority(os.PRIO_PROCESS, own) == before


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@for_every_user_alike
def test_a_busy_machine_costs_nobody_points(forkserver: Forkserver) -> None:
    """Stopped from outside for longer than its limit, as by neighbours that take every processor."""
    limits = LIMITS.model_copy(update={"cell_seconds": 0.5, "wall_factor": 1000})
    with StudentProcess(forkserver, limits) as student:
        assert student.run_cell("1").outcome == "passed"
        student.child.signal(signal.SIGSTOP)
        later = threading.Timer(1.5, student.child.signal, [signal.SIGCONT])
        later.start()
        run = student.run_cell("print('done')")
        later.join()
        assert (run.outcome, text(run)) == ("passed", "done")


@in_turn
def test_fork_bomb_leaves_the_neighbours_alone(
    student: StudentProcess, forkserver: Forkserver
) -> None:
    bomb = """
children = 0
try:
    while True:
        if os.fork() == 0:
            signal.pause()
        children += 1
except BlockingIOError:
    print(children)
"""
    assert 10 < int(says(student, bomb)) < LIMITS.processes
    with StudentProcess(forkserver, LIMITS) as neighbour:
        assert says(neighbour, "!echo still here") == "still here"


def test_thread_bomb(student: StudentProcess) -> None:
    code = "import threading, time\nfor _ in range(999): threading.Thread(target=time.sleep, args=(99,), daemon=True).start()"
    run = student.run_cell(code)
    assert run.outcome == "error" and "can't start new thread" in run.message + str(run.outputs)


def test_daemon_that_outlives_grading(student: StudentProcess) -> None:
    marker = f"{time.time_ns() % 10**9}.5"
    code = f"subprocess.Popen(['setsid', '-f', 'sleep', '{marker}']).wait(); print('away')"
    assert says(student, code) == "away"

    def running() -> bool:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if marker.encode() in path.read_bytes():
                    return True
            except OSError:
                continue
        return False

    # A process that is just becoming another program has no command line for a moment.
    assert eventually(running)
    student.close()
    assert not running()


@for_every_user_alike
@pytest.mark.parametrize(
    "code",
    ["while True: print('x' * 10000)", "while True: os.write(1, b'x' * 10000)", "!yes"],
    ids=["print", "file descriptor", "subprocess"],
)
def test_output_without_end(student: StudentProcess, code: str) -> None:
    run = student.run_cell(code)
    assert run.outcome == "died" and "without end" in run.message
    assert len(text(run)) < 2 * LIMITS.output_kib * 1024 and "output cut here" in text(run)


@for_every_user_alike
def test_much_output_is_cut_and_the_cell_goes_on(student: StudentProcess) -> None:
    run = student.run_cell("for n in range(100_000): print(n)\n6 * 7")
    assert run.outcome == "passed"
    assert "output cut here: over 64 KiB" in text(run)


@for_every_user_alike
def test_a_long_progress_bar_is_not_much_output(student: StudentProcess) -> None:
    """Only what is kept counts: 200 kB pass by, 1 kB stays."""
    bar = "from IPython.display import clear_output, display\nfor n in range(200): clear_output(wait=True); display('x' * 1000)"
    assert student.run_cell(bar).outcome == "passed"
    run = student.run_cell(
        "h = display('', display_id=True)\nfor n in range(200): h.update('x' * 1000)"
    )
    assert run.outcome == "passed" and [n.output_type for n in run.outputs] == ["display_data"]


# --- how it can end -------------------------------------------------------------------------------


@for_every_user_alike
def test_endless_loop_is_interrupted_and_the_next_cell_runs(student: StudentProcess) -> None:
    run = student.run_cell("while True: pass", SHORT)
    assert run.outcome == "timeout" and "limit of 0.5 s" in run.message
    assert [node.ename for node in run.outputs] == ["KeyboardInterrupt", "CellTimeoutError"]
    assert says(student, "print('next')") == "next"


@for_every_user_alike
@pytest.mark.parametrize(
    "code",
    [
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "while True:\n  try:\n    n = 0\n    while True: n += 1\n  except BaseException: pass",
    ],
)
@in_turn
def test_endless_loop_that_cannot_be_interrupted(student: StudentProcess, code: str) -> None:
    run = student.run_cell(code, SHORT)
    assert run.outcome == "timeout" and "ignored the interrupt" in (student.ended or "")
    assert student.run_cell("1").outcome == "died"


@for_every_user_alike
@pytest.mark.parametrize(
    "code, why",
    [
        ("os._exit(0)", "an exit, a kill or a crash"),
        ("os._exit(77)", "an exit, a kill or a crash"),
        ("ctypes.string_at(0)", "an exit, a kill or a crash"),
        ("os.abort()", "an exit, a kill or a crash"),
        ("os.close(3); os.closerange(3, 99)", "an exit, a kill or a crash"),
    ],
)
def test_ending_its_own_process(student: StudentProcess, code: str, why: str) -> None:
    run = student.run_cell(code)
    assert run.outcome == "died" and why in run.message
    assert run.outputs[-1].ename == "DeadKernelError"


@for_every_user_alike
def test_stopping_or_killing_itself_by_signal_does_nothing(student: StudentProcess) -> None:
    assert says(student, "os.kill(1, 9); os.kill(1, signal.SIGSTOP); print('alive')") == "alive"


@for_every_user_alike
@pytest.mark.parametrize(
    "frame",
    [
        "b'\\xff\\xff\\xff\\xff'",
        "b'\\x04\\0\\0\\0nono'",
        '(lambda b: len(b).to_bytes(4, \'little\') + b)(b\'{"type":"reply","content":[1]}\')',
        '(lambda b: len(b).to_bytes(4, \'little\') + b)(b\'{"type":"stream","content":{"name":7}}\')',
    ],
    ids=["4 GB", "no JSON", "no reply", "no stream"],
)
def test_forged_frames_end_the_process_not_the_grader(student: StudentProcess, frame: str) -> None:
    code = f"""
for fd in range(3, 20):
    try:
        if os.readlink(f'/proc/self/fd/{{fd}}').startswith('socket:'): os.write(fd, {frame})
    except OSError: pass
"""
    run = student.run_cell(code)
    assert run.outcome == "died" and run.outputs[-1].ename == "DeadKernelError"


@for_every_user_alike
def test_text_that_is_not_unicode_can_be_stored(student: StudentProcess) -> None:
    says(student, "print('\\ud800')").encode("utf-8")
    run = student.run_cell(
        "from IPython.display import display\ndisplay({'text/plain': '\\udfff'}, raw=True)"
    )
    json.dumps(run.outputs, ensure_ascii=False).encode("utf-8")  # `str` would escape what is wrong


@for_every_user_alike
@pytest.mark.parametrize(
    "shown",
    [
        "{'text/json': {'a': 1}}",
        "{'application/x+json': {'a': [float('nan'), float('inf'), None, True]}}",
        "{'application/json': None, 'text/plain': None, 'text/html': 7}",
        "{'text/plain': ['a', 'b'], 'image/png': b'x', 'text/latex': {'b': float('nan')}}",
        "{'': '', 'no/type': [1, [2]], 'application/JSON': {'a': 1}, 'application/+json': 1}",
        "{'text/plain': ''}, {'image/png': {'width': float('inf')}}",
    ],
)
def test_an_odd_display_is_output_and_nobodys_fault(student: StudentProcess, shown: str) -> None:
    given = shown.replace("}, {", "}, metadata={")
    code = f"from IPython.display import display\nfor _ in range(2): display({given}, raw=True)"
    run = student.run_cell(code)
    assert run.outcome == "passed", run.message
    assert len(run.outputs) == 2
    notebook = new_notebook(cells=[new_code_cell(code, outputs=run.outputs)])
    nbformat.validate(notebook)
    json.dumps(run.outputs, allow_nan=False)


@for_every_user_alike
def test_output_nested_deeper_than_a_notebook_can_hold_is_said(student: StudentProcess) -> None:
    deep = "value = 1\nfor _ in range({}): value = [value]\ndisplay({{'application/json': value}}, raw=True)\nprint('after')"
    for levels in (100, 400):
        run = student.run_cell("from IPython.display import display\n" + deep.format(levels))
        assert run.outcome == "passed", run.message
        shown = "".join(node.text for node in run.outputs)
        assert "not shown: nested deeper" in shown and "after" in shown


SEND = """
from headcheck.inside.student import shell
def send(body, times=1):
    frame = len(body).to_bytes(4, 'little') + body
    fd = shell._channel.socket.fileno()
    os.set_blocking(fd, True)
    for _ in range(times):
        sent = 0
        while sent < len(frame): sent += os.write(fd, frame[sent:])
"""


@for_every_user_alike
@pytest.mark.parametrize(
    "frame",
    [
        '(b\'{"type":"zzz","content":{"a":[\' + b"[]," * (31 << 18) + b"1]}}", 10**6)',
        "(b'{}', 10**9)",
        '(b\'{"type":"stream","content":{"name":"stdout","text":""}}\', 10**9)',
        '(b\'{"type":"clear_output","content":{"wait":true}}\', 10**9)',
        "(b'[' * 10**6, 10**9)",
    ],
    ids=["huge and unknown", "nothing", "empty text", "clears", "deep"],
)
def test_frames_without_end_end_the_process(student: StudentProcess, frame: str) -> None:
    run = student.run_cell(SEND + f"send{frame}")
    assert (run.outcome, student.ended) == ("died", "it wrote output without end")


@for_every_user_alike
def test_displays_of_one_name_have_the_room_of_one_cell(student: StudentProcess) -> None:
    run = student.run_cell(
        "from IPython.display import display, update_display\n"
        "for _ in range(60): display({'text/plain': '.'}, raw=True, display_id='x')\n"
        "update_display({'text/plain': 'x' * 10_000}, raw=True, display_id='x')\n"
        "update_display({'text/plain': 'small'}, raw=True, display_id='x')\n"
    )
    assert run.outcome == "passed"
    assert len(json.dumps(run.outputs)) < LIMITS.output_kib << 10
    assert run.outputs[0].data == {"text/plain": "."}
    assert {"text/plain": "small"} in [node.get("data") for node in run.outputs]


@for_every_user_alike
def test_a_bar_that_is_drawn_often_stays_whole(student: StudentProcess) -> None:
    run = student.run_cell(
        "from IPython.display import display, update_display, clear_output\n"
        "display({'text/plain': ''}, raw=True, display_id='bar')\n"
        "for n in range(500): update_display({'text/html': '=' * 3000 + str(n)}, raw=True, display_id='bar')\n"
    )
    (bar,) = run.outputs
    assert bar.data["text/html"].endswith("=499")
    run = student.run_cell(
        "from IPython.display import clear_output\n"
        "for n in range(400):\n    clear_output(wait=True)\n    print('=' * 3000, n)\n"
    )
    assert run.outputs[-1].text.endswith("399\n") and len(run.outputs) == 1


# --- the other kind of user -----------------------------------------------------------------------


@in_turn
def test_all_of_this_holds_for_an_ordinary_user_too() -> None:
    run_as_an_ordinary_user("alone", __file__)


@night("by day root, and a user to whom none is lent")
def test_the_users_lent_to_an_ordinary_user_go_to_its_children() -> None:
    """Root's tests of kernel users, and of all that ends another user's process."""
    if not shutil.which("newuidmap"):
        pytest.skip("needs newuidmap (Debian: apt-get install uidmap)")
    chosen = "user_of_its_own or many_processes or daemon or neighbour or crowd"
    said = run_as_an_ordinary_user("lent", __file__, "-rs", "-k", chosen)
    assert "one number" not in said


def run_as_an_ordinary_user(numbers: str, *tests: str) -> str:
    """Runs tests once more as user 12345, without what is for every user alike."""
    options = ["-B", "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    if numbers == "alone" and not IN_THE_NIGHT:
        options += ["-m", "not for_every_user_alike"]
    done = as_ordinary_user(COURSE, 12345, *options, *tests, numbers=numbers)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    return done.stdout
