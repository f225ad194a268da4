"""The process behind the forkserver: imports everything once, then forks a child on request.

Started by exec, in the room. Speaks only with its owner, over one inherited socket, and ends when
that closes; or with whom the owner lends it to, one at a time, over a line of their own. It holds no secret,
because every child can read all of its memory: of a submission it learns nothing, the child is told
over a socket of its own. What follows from a lesson's setup cells alone is none (`once_for_all`).

    python -P -s -m headcheck.inside.warm SOCKET_FD LIBRARY...
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import landlockpy

from headcheck.sandbox import frames, linux, users
from headcheck.sandbox.jail import HOME, Fork, JailSettings, enter
from headcheck.sandbox.syscalls import build_filter

ONLY_IF_LOADED = (
    "HEADCHECK_TORCH_ONLY_IF_LOADED"  # see `lesson.torch_here`, which this must not import yet
)

# role -> where a forked child starts: main(fds)
ENTRY_POINTS = {
    "self-test": "headcheck.sandbox.jail:self_test",
    "student": "headcheck.inside.student.shell:main",
    "checker": "headcheck.inside.checker.run_checks:main",
}
SAME_FOR_ALL = "headcheck.lesson.once_for_all"
CHECKS = (
    *("headcheck.lesson.checking", "headcheck.lesson.values", "headcheck.lesson.seeded"),
    SAME_FOR_ALL,
)
WITH_TORCH = (
    "headcheck.lesson.modules",
    "headcheck.lesson.state",
    "headcheck.heads.expect_head",
    "headcheck.lesson.measure",
    "headcheck.lesson.anatomy",
)
PLOTS = "matplotlib_inline.backend_inline"
# Parts of libraries that come with others, and that lessons ask for in their first cell: both processes
# of each submission would load them again.
OFTEN_ASKED_FOR = ("sklearn.datasets", "sklearn.linear_model")
MAX_FDS = 16

Entry = Callable[[list[int]], None]


def become_unprivileged() -> users.Users:
    """Leave uid 0 (no process limit binds it); returns the users that children can be given.

    Kept are the rights to build namespaces, to become one of those users, and to end them: the
    kernel sends the signal that a child gets at the death of this process in its name.
    """
    if os.getuid() != 0:
        return users.Users([])
    spare = users.of_root()
    linux.prctl(linux.PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(users.SERVER, users.SERVER, users.SERVER)
    os.setresuid(users.SERVER, users.SERVER, users.SERVER)
    kept = (linux.CAP_SYS_ADMIN, linux.CAP_SETUID, linux.CAP_SETGID, linux.CAP_KILL)
    linux.keep_only_capabilities(sum(1 << each for each in kept))
    linux.prctl(linux.PR_SET_DUMPABLE, 1)  # else its own /proc files belong to root
    for folder in filter(os.path.isdir, sys.path):
        if not os.access(folder, os.R_OK | os.X_OK):
            raise PermissionError(f"only root can read {folder}")
    return spare


def import_everything(libraries: Sequence[str]) -> dict[str, Entry]:
    """Import what children need, touch what loads lazily, and return the entry points.

    The course's libraries say whether torch is there: no check and no line between two processes
    brings it (see `lesson.torch_here`).
    """
    from headcheck.inside.student import shell

    os.environ["MPLBACKEND"] = f"module://{PLOTS}"  # for a student who draws where no library does
    # The shell first: fastai and tqdm decide at import whether they are in a notebook.
    with shell.prepared():
        for name in libraries:
            importlib.import_module(name)
        os.environ[ONLY_IF_LOADED] = "yes"
        plots = [PLOTS] if "matplotlib" in sys.modules else []
        parts = [name for name in OFTEN_ASKED_FOR if name.partition(".")[0] in sys.modules]
        for name in (*plots, *parts, *CHECKS, *(WITH_TORCH if "torch" in sys.modules else ())):
            importlib.import_module(name)
        del os.environ[ONLY_IF_LOADED]
        importlib.import_module("headcheck.inside.line.names").speak_of(libraries)
        entries = {}
        for role, place in ENTRY_POINTS.items():
            module, _, function = place.partition(":")
            entries[role] = getattr(importlib.import_module(module), function)
        # Do once what every child would otherwise pay for.
        if "matplotlib" in sys.modules:
            _plot()
        if "torch" in sys.modules:
            _learn()
    return entries


def _learn() -> None:
    import torch
    from torch import nn

    torch.set_num_threads(1)
    random_state = torch.get_rng_state()
    nn.Conv2d(3, 4, 3)(torch.zeros(1, 3, 8, 8)).sum().backward()
    repr(torch.zeros(2))
    torch.set_rng_state(random_state)


def _plot() -> None:
    import io

    import matplotlib
    import matplotlib.pyplot as plt

    matplotlib.use("agg", force=True)
    plt.figure()
    plt.plot([1, 2])
    plt.title("warm")
    plt.savefig(io.BytesIO(), format="png")
    plt.close("all")
    matplotlib.use(f"module://{PLOTS}", force=True)


def tasks() -> int:
    """Threads of this process. A fork copies only one; the others' locks would stay locked."""
    return len(os.listdir("/proc/self/task"))


def serve(
    control: socket.socket,
    entries: dict[str, Entry],
    syscall_filter: bytes,
    spare: users.Users,
    children: set[int],
) -> None:
    """Answer requests until whoever asks is gone; `children`: those that nobody has waited for."""
    fork = Fork()
    while True:
        try:
            request, fds = frames.receive(control, MAX_FDS)
        except (EOFError, ConnectionError, frames.FrameError):
            return
        try:
            if "lend" in request:
                _serve_another(socket.socket(fileno=fds.pop()), entries, syscall_filter, spare)
                frames.send(control, {"returned": True})
                continue
            if "lesson" in request:
                frames.send(control, _keep(request["lesson"], request.get("results")))
                continue
            if "reap" in request:
                frames.send(control, _reap(request["reap"]))
                spare.give_back(request["reap"])
                children.discard(request["reap"])
                continue
            entry = entries[request["role"]]
            jail = request["jail"]
            user = spare.next()
            child = fork() if jail else os.fork()
            if child == 0:
                _be_child(entry, jail, user, fds, syscall_filter)
            children.add(child)
            spare.take(child, user)
            pidfd = os.pidfd_open(child)
            frames.send(control, {"pid": child}, [pidfd])
            os.close(pidfd)
        except (OSError, KeyError) as error:
            frames.send(control, {"error": f"{type(error).__name__}: {error}"})
        finally:
            for fd in fds:
                os.close(fd)


def _serve_another(
    line: socket.socket, entries: dict[str, Entry], syscall_filter: bytes, spare: users.Users
) -> None:
    """Serve somebody else than the owner, as long as it has its line; nothing it forked stays,
    however it ended. Raises OSError when a child cannot be ended."""
    children: set[int] = set()
    with line, suppress(OSError):  # it is gone while we answer
        serve(line, entries, syscall_filter, spare, children)
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)
        spare.give_back(child)


def _keep(lesson: str, results: dict[str, str] | None) -> dict[str, Any]:
    """Hold what is the same for all submissions of a lesson, or say whether that is held."""
    same_for_all = sys.modules[SAME_FOR_ALL]
    if results is not None:
        same_for_all.keep(lesson, results)
    return {"kept": same_for_all.is_kept(lesson)}


def _reap(pid: int) -> dict[str, Any]:
    _, status, usage = os.wait4(pid, 0)  # the owner has seen its end: this does not wait
    return {"exit": os.waitstatus_to_exitcode(status), "cpu": usage.ru_utime + usage.ru_stime}


def _be_child(
    entry: Entry,
    jail: dict[str, int] | None,
    user: int,
    fds: list[int],
    syscall_filter: bytes,
) -> None:
    """Everything a child does; never returns. fds: stdout, stderr, then the entry's."""
    code = 70
    try:
        os.setsid()
        nothing = os.open("/dev/null", os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(fds[0], 1)
        os.dup2(fds[1], 2)
        given = fds[2:]
        _close_all_but({0, 1, 2, *given})
        if jail:
            enter(JailSettings(**jail), user, syscall_filter)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        entry(given)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
    finally:
        os._exit(code)


def _close_all_but(keep: set[int]) -> None:
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in keep:
            with suppress(OSError):  # the one that listed the folder
                os.close(int(name))


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    try:
        spare = become_unprivileged()
        os.makedirs(HOME, exist_ok=True)
        if not landlockpy.abi_version():  # (its first call starts a subprocess: not in a child)
            raise RuntimeError("this kernel has no Landlock")
        syscall_filter = build_filter()
        # Importing makes next to no garbage: looking for it meanwhile takes a quarter of the time, and to
        # look once at the end half a second more, for 2 % of the objects.
        gc.disable()
        entries = import_everything(sys.argv[2:])
        if tasks() != 1:
            raise RuntimeError(f"{tasks()} threads before the first fork, expected 1")
        gc.freeze()
        gc.enable()
    except BaseException as error:
        traceback.print_exc()
        frames.send(control, {"error": f"{type(error).__name__}: {error}"})
        return
    ready = {"ready": True, "anonymous_kib": _anonymous_kib(), "own_users": bool(spare)}
    frames.send(control, ready)
    serve(control, entries, syscall_filter, spare, set())
    os._exit(
        0
    )  # nothing of it is needed any more, and Python would take torch apart piece by piece


def _anonymous_kib() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


if __name__ == "__main__":
    main()
