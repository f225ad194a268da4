"""Real Jupyter kernels that need not import torch and fastai anew: forked from one that has.

    python warm_kernel.py serve SOCKET           imports, then forks a kernel for everybody who asks
    python warm_kernel.py SOCKET CONNECTION_FILE what Jupyter starts in the place of a kernel

Everything after the imports is ipykernel's own, in a process of its own. The small process that
Jupyter knows hands signals on, and the kernel ends with it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress

LONGEST = 1 << 20  # bytes of a request: arguments, folder, environment


def serve(path: str) -> None:
    del sys.path[0]  # this file's folder; a notebook must not find it
    import ipykernel.kernelapp  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import torchvision  # noqa: F401
    from fastai.vision import all as _fastai  # noqa: F401

    import headcheck  # noqa: F401

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        listener.listen(16)
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            line, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _look_after(line)
            line.close()


def _look_after(line: socket.socket) -> None:
    """Fork the kernel, hand on signals, and tell how it ended. Single-threaded, so safe to fork."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    data, fds, _, _ = socket.recv_fds(line, LONGEST, 3)
    request = json.loads(data)
    pid = os.fork()
    if pid == 0:
        line.close()
        _become_kernel(request, fds)
    for fd in fds:
        os.close(fd)
    ended = os.pidfd_open(pid)
    while True:
        ready, _, _ = select.select([line, ended], [], [])
        if ended in ready:
            break
        number = line.recv(1)
        os.kill(pid, number[0] if number else signal.SIGKILL)
        if not number:
            break
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):  # when nobody waits any more
        line.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become_kernel(request: dict, fds: list[int]) -> None:
    os.setsid()
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    os.environ["JPY_PARENT_PID"] = str(os.getppid())  # whose end a kernel watches for
    from ipykernel.kernelapp import launch_new_instance

    try:
        launch_new_instance(argv=request["arguments"])
    finally:
        os._exit(0)


def ask(path: str, arguments: list[str]) -> int:
    """Be the process that Jupyter starts, signals and waits for."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(path)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: line.send(bytes([number])))
        request = {
            "arguments": arguments,
            "folder": os.getcwd(),
            "environment": dict(os.environ),
        }
        socket.send_fds(line, [json.dumps(request).encode()], [0, 1, 2])
        code = int(line.recv(100) or b"1")
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
