"""One `headcheck grade` at a time on one course, and who it is."""

from __future__ import annotations

import getpass
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from headcheck.course.directory import Course, CourseError
from headcheck.course.files import write_whole


class Busy(CourseError):
    """Somebody else is grading this course."""

    exit_code = 1


@contextmanager
def alone(course: Course, *, wait: bool) -> Iterator[None]:
    """Hold the course while it is graded. The lock goes with the process, however that ends.

    Raises `Busy` when somebody else has it; with `wait`, says so on stderr and waits instead.
    """
    course.share()
    course.private.mkdir(exist_ok=True)
    holder = course.private / "grading.json"
    lock = FileLock(course.private / "grading.lock", mode=0o666)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not wait:
            raise Busy(
                f"{_who(holder)} is grading this course. Wait until that has ended, or run the "
                "same command with --wait."
            ) from None
        print(f"headcheck: {_who(holder)} is grading this course; waiting for it.", file=sys.stderr)
        lock.acquire()
    try:
        write_whole(holder, json.dumps(_me()).encode())
        yield
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def grading_now(course: Course) -> str:
    """Who is grading this course, in words; empty when nobody is.

    By what they left, without touching the lock: to try it, if only for a moment, would turn away who
    begins to grade then.
    """
    holder = course.private / "grading.json"
    try:
        found = json.loads(holder.read_bytes())
        gone = found["host"] == socket.gethostname() and not _lives(int(found["process"]))
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return "" if gone else _who(holder)


def _lives(process: int) -> bool:
    if sys.platform == "win32":  # where the question would be a Ctrl-C
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def _me() -> dict[str, str | int]:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid())
    since = datetime.now().astimezone().isoformat(" ", "minutes")
    return {"process": os.getpid(), "user": user, "host": socket.gethostname(), "since": since}


def _who(holder: Path) -> str:
    try:
        found = json.loads(holder.read_bytes())
        return (
            f"process {found['process']} of {found['user']} on {found['host']} "
            f"(since {found['since']})"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
