"""`headcheck grade` as the client of a resident grader: the same command, in a process that is warm.

Whatever is odd (none there, busy, of another version, gone) is no trouble: then the command does
everything itself. Imports little, because its start is most of what one waits for.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from headcheck.resident.address import all_mine, connect, name_of
from headcheck.resident.key import key_of
from headcheck.resident.process import is_resident
from headcheck.sandbox import frames

NO = "HEADCHECK_NO_SERVE"  # in the environment: never ask a resident grader
ANSWER_SECONDS = 5.0
ENDING_SECONDS = 30.0


def run_there(arguments: Sequence[str]) -> int | None:
    """Let the resident grader of the course run this process's command; its exit code.

    None: nobody has run it to its end, and it is to be run here.
    """
    if not _gains(arguments):
        return None
    try:
        if [stream.fileno() for stream in (sys.stdin, sys.stdout, sys.stderr)] != [0, 1, 2]:
            return None
        root = _course(arguments).resolve()
    except (OSError, ValueError, AttributeError):  # closed, or no files
        return None
    line = ask(root, "command")
    if line is None:
        return None
    with line:
        try:
            return _run(line, arguments)
        except (OSError, EOFError, ValueError, KeyError, frames.FrameError):
            return None


def _gains(arguments: Sequence[str]) -> bool:
    """Whether it grades: the other commands have nothing to wait for."""
    return (
        "--help" not in arguments
        and "--no-run" not in arguments
        and ("regrade" not in arguments[:2] or "--preview" in arguments)
    )


def _course(arguments: Sequence[str]) -> Path:
    """The course directory that a command line names."""
    for word, following in zip(arguments, [*arguments[1:], "."], strict=True):
        if word == "--course":
            return Path(following)
        if word.startswith("--course="):
            return Path(word.partition("=")[2])
    return Path()


def ask(root: Path, want: str) -> socket.socket | None:
    """A line to the resident grader of this course, which waits for more; None when it cannot be had."""
    if sys.platform != "linux" or is_resident() or os.environ.get(NO):
        return None
    if not all_mine(root):
        return None
    try:
        line = connect(root, name_of(key_of(root)), ANSWER_SECONDS)
    except OSError:
        return None
    try:
        frames.send(line, {"want": want})
        if frames.receive(line)[0].get("yes"):
            return line
    except (OSError, EOFError, frames.FrameError):
        pass
    line.close()
    return None


def _run(line: socket.socket, arguments: Sequence[str]) -> int | None:
    sys.stdout.flush()
    sys.stderr.flush()
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    mask = os.umask(0o077)
    os.umask(mask)
    request = {
        "arguments": list(arguments),
        "environment": dict(os.environ),
        "umask": mask,
        "streams": [[s.encoding, s.errors] for s in (sys.stdin, sys.stdout, sys.stderr)],
    }
    try:
        frames.send(line, request, [here, 0, 1, 2])
    finally:
        os.close(here)
    _, (process,) = frames.receive(line, max_fds=1)
    line.settimeout(None)
    with _interrupts_passed_on(line):
        try:
            code: int | None = frames.receive(line)[0]["ended"]
        except (OSError, EOFError):
            code = None
        if code is None:  # it was killed. Not before it has let go of everything
            select.select([process], [], [], ENDING_SECONDS)
            print("headcheck: the resident grader was ended; this goes on here.", file=sys.stderr)
    os.close(process)
    return code


@contextmanager
def _interrupts_passed_on(line: socket.socket) -> Iterator[None]:
    """Ctrl-C is for the process that grades, which ends in its own way."""

    def pass_on(*_: Any) -> None:
        with suppress(OSError):
            frames.send(line, {"interrupt": True})

    before = signal.signal(signal.SIGINT, pass_on)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
