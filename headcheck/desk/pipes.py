"""Words for a reader who may leave before the end: `headcheck grade | head`.

A closed pipe ends what is shown, never what is done.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console


class Shown(Console):
    """A console that tells its caller when nobody reads any more, instead of ending the program."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


@contextmanager
def reader_may_leave(stream: TextIO) -> Iterator[None]:
    """What is written to the stream is dropped from the moment that nobody reads it."""
    try:
        yield
        stream.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # also for what Python flushes when it ends
        os.close(nowhere)


def say(text: str, stream: TextIO | None = None) -> None:
    """Print one line, on stdout unless told otherwise."""
    to = stream or sys.stdout
    with reader_may_leave(to):
        print(text, file=to)
