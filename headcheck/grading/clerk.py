"""The process that reads submissions: waits, and forks a limited child for each.

Started by `apart`. It has one thread, knows the lessons, and nothing of a submission stays in it.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping

# See `headcheck.cli`: a grammar that no notebook needs, and that takes a second.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# ruff: noqa: E402

import nbformat
from nbformat.v4 import new_notebook

from headcheck.course.cells import Template
from headcheck.grading.prepare import Order, prepare
from headcheck.grading.reading_limits import CPU_SECONDS, LENGTH, MEMORY_MIB, WALL_SECONDS
from headcheck.sandbox import frames

PAGES = os.sysconf("SC_PAGE_SIZE")


def main(line: socket.socket, templates: Mapping[str, Template]) -> None:
    """Serve orders until the owner closes its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    nbformat.writes(new_notebook())  # compiles the schema, which each child would do otherwise
    gc.freeze()  # or the first collection in a child would copy every page
    while True:
        try:
            order, (answer,) = frames.receive(line, max_fds=1)
        except (EOFError, OSError, ValueError):
            return
        with socket.socket(fileno=answer) as end:
            try:
                child = os.fork()
            except OSError as error:  # no process to be had
                _say(end, {"lost": error.strerror})
                continue
            if child == 0:
                try:
                    line.close()
                    _serve(order, end, templates)
                finally:
                    os._exit(0)


def _serve(order: object, answer: socket.socket, templates: Mapping[str, Template]) -> None:
    try:
        wanted = Order.model_validate(order)
        limit(wanted.limits.disk_mib)
        prepared = prepare(wanted, templates)
        parts = [("", prepared.notebook), *prepared.files.items()]
        said = prepared.model_dump(mode="json", exclude={"notebook", "files"})
        head = {"said": said, "parts": [(name, len(data)) for name, data in parts]}
    except MemoryError:
        _say(answer, {"lost": "memory"})
    except BaseException as error:
        _say(answer, {"lost": type(error).__name__})
    else:
        _say(answer, head)
        for _, data in parts:
            answer.sendall(data)


def _say(answer: socket.socket, message: object) -> None:
    data = json.dumps(message).encode()
    answer.sendall(LENGTH.pack(len(data)) + data)


def limit(files_mib: int) -> None:
    """Bound this process: memory beside what it has, processor time, and time on the clock."""
    with (
        open("/proc/self/statm") if os.path.exists("/proc/self/statm") else open(os.devnull) as file
    ):
        had = int((file.read() or "0").split()[0]) * PAGES
    most = had + (MEMORY_MIB + 2 * files_mib << 20)  # files are there twice, for a moment
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)


if __name__ == "__main__":
    with os.fdopen(int(sys.argv[2])) as known:
        lessons = {name: Template.from_json(data) for name, data in json.load(known).items()}
    main(socket.socket(fileno=int(sys.argv[1])), lessons)
