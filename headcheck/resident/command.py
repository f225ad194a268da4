"""A process forked from a warm one becomes the command that somebody has typed elsewhere."""

from __future__ import annotations

import atexit
import importlib
import io
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

Streams = Sequence[tuple[str, str]]  # encoding and error handler of stdin, stdout, stderr


def become(
    arguments: Sequence[str],
    environment: dict[str, str],
    files: Sequence[int],
    streams: Streams,
) -> None:
    """Take over arguments, environment and the three standard files; the working folder is set."""
    os.setsid()
    for number, fd in enumerate(files):
        os.dup2(fd, number)
        os.close(fd)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = list(arguments)
    for number, (encoding, errors) in enumerate(streams):
        name = ("stdin", "stdout", "stderr")[number]
        raw = io.FileIO(number, "w" if number else "r", closefd=False)
        buffer = io.BufferedWriter(raw) if number else io.BufferedReader(raw)
        new = io.TextIOWrapper(
            buffer, encoding=encoding, errors=errors, line_buffering=number == 2 or raw.isatty()
        )
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    importlib.invalidate_caches()


def exit_code(run: Callable[[], object]) -> int:
    """Run it as Python runs a program; its exit code."""
    try:
        run()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def end(code: int) -> NoReturn:
    """What Python does at its end, but for taking all modules apart, which takes half a second."""
    with suppress(KeyboardInterrupt):
        threading._shutdown()  # type: ignore[attr-defined]  # waits for the threads
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads on, or it is closed
            stream.flush()
    os._exit(code & 0xFF)
