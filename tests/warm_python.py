"""`python -m ...` in a process forked from a warm one: a test that drives the real command line does
not pay for the imports each time (some 3 s, and 6 s for those of a forkserver).

What runs is the module as `python -m` runs it, to the end of its process, with arguments, folder,
environment and pipes of its own. Not the same as in a new process: modules are imported already, and
`headcheck grade` finds a forkserver that was started before, one for all tests of a worker. What
asks about starting, imports or signals runs `sys.executable` instead; so do the sample class, the
mutants and the exploits (`real_course.headcheck`).
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from headcheck.resident.command import end
from headcheck.resident.imports import import_everything
from headcheck.sandbox import frames

if TYPE_CHECKING:
    from headcheck.sandbox.forkserver import Forkserver

SECONDS = 1000.0  # a guard, shorter than pytest's own


# ---- the tests' side -----------------------------------------------------------------------------


def run_module(
    folder: Path, module: str, *arguments: str, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """What `subprocess.run` gives for `python -m module arguments` in this folder."""
    isolated = ("grade" in arguments and "nbgrader" not in arguments) or "autograde" in arguments
    server = _forkserver_if_possible() if isolated else None
    out, their_out = os.pipe()
    err, their_err = os.pipe()
    request: dict[str, Any] = {
        "module": module,
        "arguments": arguments,
        "folder": str(folder),
        "environment": environment,
    }
    fds = [their_out, their_err]
    if server is not None:
        request["forkserver"] = [server.process.pid, server.warm_memory_mib, server.own_users]
        fds.append(server._control.fileno())
    line = _warm()
    frames.send(line, request, fds)
    os.close(their_out)
    os.close(their_err)
    pid = frames.receive(line)[0]["pid"]
    watch = threading.Timer(SECONDS, _end, [pid])
    watch.start()
    said: dict[int, bytes] = {}
    readers = [threading.Thread(target=_read, args=(fd, said)) for fd in (out, err)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    code = frames.receive(line)[0]["code"]
    watch.cancel()
    return subprocess.CompletedProcess(
        [module, *arguments], code, said[out].decode(), said[err].decode()
    )


def _read(fd: int, said: dict[int, bytes]) -> None:
    with open(fd, "rb") as pipe:
        said[fd] = pipe.read()


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


@cache
def forkserver() -> Forkserver:
    """The one forkserver of this worker. Raises what `Forkserver.start` raises."""
    from headcheck.sandbox.forkserver import Forkserver

    server = Forkserver.start()
    atexit.register(server.close)
    return server


@cache
def _forkserver_if_possible() -> Forkserver | None:
    """None: the command is to find out itself, and say it."""
    try:
        return forkserver()
    except Exception:
        return None


@cache
def _warm() -> socket.socket:
    ours, theirs = socket.socketpair()
    command = [sys.executable, __file__, str(theirs.fileno())]
    subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    theirs.close()  # it ends when we do
    return ours


# ---- the warm process ----------------------------------------------------------------------------


def serve(line: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork for each request. Returns only in a child, with its request and its files."""
    while True:
        try:
            request, fds = frames.receive(line, max_fds=3)
        except EOFError:
            os._exit(0)
        pid = os.fork()
        if not pid:
            line.close()
            return request, fds
        for fd in fds:
            os.close(fd)
        frames.send(line, {"pid": pid})
        frames.send(line, {"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])})


def become(request: dict[str, Any], fds: Sequence[int]) -> None:
    """The process that was asked for, up to the module's first line."""
    os.setsid()
    for number, fd in enumerate(fds[:2], start=1):
        os.dup2(fd, number)
        os.close(fd)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, name in enumerate(("stdout", "stderr"), start=1):
        old = getattr(sys, name)
        raw = io.FileIO(number, "w", closefd=False)
        new = io.TextIOWrapper(
            io.BufferedWriter(raw),
            encoding=old.encoding,
            errors=old.errors,
            line_buffering=number == 2,
        )
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    sys.argv = [request["module"], *request["arguments"]]
    sys.path[0] = request["folder"]
    importlib.invalidate_caches()
    if "forkserver" in request:
        use_forkserver(fds[2], *request["forkserver"])


def use_forkserver(fd: int, pid: int, warm_memory_mib: float, own_users: bool) -> None:
    """From now on a forkserver that is launched is this one, which is ready."""
    from headcheck.sandbox import room
    from headcheck.sandbox.forkserver import LIBRARIES, Forkserver

    of_its_own = Forkserver.launch

    def launch(private: Sequence[Path] = (), libraries: Sequence[str] = LIBRARIES) -> Forkserver:
        if tuple(libraries) != LIBRARIES:
            return of_its_own(private, libraries)
        room.command([], private, {})  # it refuses what it refuses
        process: Any = SimpleNamespace(pid=pid, wait=lambda *_: 0, kill=lambda: None)
        server = Forkserver(socket.socket(fileno=fd))
        server._process, server._log = process, io.BytesIO()
        server.warm_memory_mib, server.own_users = warm_memory_mib, own_users
        server.watchdog.start(warm_memory_mib)
        server._is_ready.set()
        return server

    Forkserver.launch = launch  # type: ignore[method-assign,assignment]


def run(module: str) -> int:
    """Run the module as `python -m` does; the exit code."""
    sys.modules.pop(module, None)  # it is __main__ now
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


if __name__ == "__main__":
    import_everything()
    importlib.import_module("headcheck.cli")
    gc.freeze()  # no process looks for garbage in what all have in common
    request, files = serve(socket.socket(fileno=int(sys.argv[1])))
    become(request, files)
    end(run(request["module"]))
