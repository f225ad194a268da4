"""The jail: what a student (or checker) process may touch, applied to itself right after the fork.

It starts inside the forkserver's room (see `room`), which already hides everything but a read-only
Python. Here each process gets what must be its own: namespaces, a private temporary space with a
quota, a user without rights, limits, and a filter on system calls. The order of the steps matters;
each says why it stands where it stands.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from typing import Protocol

import landlockpy
from landlockpy import AccessFS, Scope

import headcheck
from headcheck.sandbox import linux

HOME = "/home/student"
_SPACE = "/home"  # one tmpfs with one quota; /tmp and /dev/shm are folders of it
_USER = 1000
_TERMINALS = 32  # the whole machine has some thousand
_READ = AccessFS.EXECUTE | AccessFS.READ_FILE | AccessFS.READ_DIR
_DEVICE = AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.IOCTL_DEV


class IsolationUnavailable(RuntimeError):
    """This machine cannot isolate a student process; `reason` says why, `remedy` what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason, self.remedy = reason, remedy


class _Limits(Protocol):
    @property
    def memory_mib(self) -> int: ...
    @property
    def processes(self) -> int: ...
    @property
    def file_mib(self) -> int: ...
    @property
    def disk_mib(self) -> int: ...


@dataclass(frozen=True)
class JailSettings:
    """Limits of one jailed process and everything it starts."""

    memory_mib: int = 2048
    processes: int = 64
    file_mib: int = 64
    disk_mib: int = 256

    @classmethod
    def of(cls, limits: _Limits) -> JailSettings:
        """The part of a submission's limits that the jail enforces."""
        return cls(limits.memory_mib, limits.processes, limits.file_mib, limits.disk_mib)

    def as_dict(self) -> dict[str, int]:
        """Plain data, for the frame that asks for a fork."""
        return asdict(self)


class Fork:
    """Makes the next child process number 1 of a new PID namespace, with a single fork.

    `unshare(CLONE_NEWPID)` only concerns children, and `setns` takes it back, so the forkserver
    stays the parent and stays outside; when the child dies, the kernel kills all it started.
    """

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def __call__(self) -> int:
        """Like os.fork()."""
        linux.unshare(linux.CLONE_NEWPID)
        try:
            child = os.fork()
        except OSError:
            linux.setns(self._own, linux.CLONE_NEWPID)
            raise
        if child:
            linux.setns(self._own, linux.CLONE_NEWPID)
        return child


def enter(settings: JailSettings, user: int, syscall_filter: bytes) -> None:
    """Confine the calling process for good, as kernel user `user` (see `users`).

    Its working directory is then the empty `HOME`.
    """
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if user != os.getuid():
        # First: whatever the kernel counts per user is charged to the one who makes a namespace.
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.prctl(linux.PR_SET_DUMPABLE, 1)  # else its own /proc files belong to root
    linux.unshare(
        linux.CLONE_NEWNS
        | linux.CLONE_NEWIPC
        | linux.CLONE_NEWUTS
        | linux.CLONE_NEWCGROUP
        | linux.CLONE_NEWNET
    )
    _mount_private_space(settings)
    # After the mounts (they need rights over the outer user namespace), before everything else:
    # in its own user namespace the process count is its own, and it has no rights anywhere else.
    _enter_own_user_namespace()
    _set_limits(settings)
    linux.keep_only_capabilities(0)
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)  # changing user has cleared it
    _restrict_files()
    linux.load_seccomp_filter(syscall_filter)  # last: it refuses most of the calls above


def self_test(fds: list[int]) -> None:
    """Entry point of the first child of every forkserver: does the jail it is in hold?"""
    with open("/proc/self/status") as file:
        status = dict(line.split(":", 1) for line in file)
    found = {name: status[name].strip() for name in ("Pid", "CapEff", "NoNewPrivs", "Seccomp")}
    wanted = {"Pid": "1", "CapEff": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2"}
    wrong = [f"{name} is {found[name]}" for name in wanted if found[name] != wanted[name]]
    try:
        socket.socket(socket.AF_INET).close()
        wrong.append("the network can be used")
    except OSError:
        pass
    if os.access("/", os.W_OK):
        wrong.append("the root directory can be written")
    if wrong:
        raise RuntimeError("; ".join(wrong))


def _mount_private_space(settings: JailSettings) -> None:
    quiet = linux.MS_NOSUID | linux.MS_NODEV
    linux.mount("", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    covered = [(path, os.open(path, os.O_PATH | os.O_DIRECTORY)) for path in _covered_paths()]
    files = max(1024, settings.disk_mib * 64)
    options = f"size={settings.disk_mib}m,nr_inodes={files},mode=755"
    linux.mount("tmpfs", _SPACE, "tmpfs", quiet, f"{options},uid={os.getuid()},gid={os.getgid()}")
    os.mkdir(HOME, 0o700)
    for name, target in (("tmp", "/tmp"), ("shm", "/dev/shm")):
        os.mkdir(f"{_SPACE}/{name}", 0o700)
        linux.mount(f"{_SPACE}/{name}", target, flags=linux.MS_BIND)
    for path, fd in covered:  # shown again, read-only as they were
        os.makedirs(path, exist_ok=True)
        # With what the room has mounted in them: there is less to see than on the disk.
        linux.mount(f"/proc/self/fd/{fd}", path, flags=linux.MS_BIND | linux.MS_REC)
        os.close(fd)
    no_programs = linux.MS_NOSUID | linux.MS_NOEXEC
    # A terminal of its own: IPython runs `!command` in one.
    terminals = f"newinstance,ptmxmode=0666,mode=620,max={_TERMINALS}"
    linux.mount("devpts", "/dev/pts", "devpts", no_programs, terminals)
    linux.mount("proc", "/proc", "proc", no_programs | linux.MS_NODEV)
    os.chdir(HOME)


def _covered_paths() -> list[str]:
    """What of Python lies where the private space is mounted, as in /home/ada/course/.venv."""
    package = os.path.dirname(headcheck.__file__)
    python = {
        sys.prefix,
        sys.base_prefix,
        package,
        os.path.dirname(os.path.realpath(sys.executable)),
    }
    below = sorted(path for path in python if path.startswith((f"{_SPACE}/", "/tmp/")))
    return [path for path in below if not any(path.startswith(f"{up}/") for up in below)]


def _enter_own_user_namespace() -> None:
    outer = {"uid_map": os.getuid(), "gid_map": os.getgid()}
    linux.unshare(linux.CLONE_NEWUSER)
    _write("/proc/self/setgroups", "deny")
    for name, number in outer.items():
        _write(f"/proc/self/{name}", f"{_USER} {number} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def _set_limits(settings: JailSettings) -> None:
    # RLIMIT_DATA, not RLIMIT_AS: the latter also counts the mapped files of torch. What the warm
    # interpreter already holds is not the student's.
    inherited = next(
        int(line.split()[1]) * 1024
        for line in open("/proc/self/status")  # noqa: SIM115
        if line.startswith("VmData:")
    )
    for limit, value in (
        (resource.RLIMIT_DATA, inherited + (settings.memory_mib << 20)),
        (resource.RLIMIT_NPROC, settings.processes),
        (resource.RLIMIT_FSIZE, settings.file_mib << 20),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 64 << 10),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 256),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _restrict_files() -> None:
    """A second wall behind the mounts: writing nowhere but in the private space."""
    with landlockpy.Ruleset(scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET) as rules:
        rules.allow_path("/", _READ)
        own = rules.handled_fs & ~(AccessFS.MAKE_CHAR | AccessFS.MAKE_BLOCK)
        for path in (_SPACE, "/tmp", "/dev/shm"):
            rules.allow_path(path, own)
        rules.allow_path("/dev/pts", _DEVICE | AccessFS.READ_DIR)
        for path in ("/dev/null", "/dev/full"):
            rules.allow_path(path, _DEVICE)
        rules.restrict()
