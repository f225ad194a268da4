"""Where the program `headcheck` begins: the command line takes a third of a second to load, and a
command that a resident grader runs needs none of it."""

from __future__ import annotations

import io
import sys

STOPPED = "stopped; what was finished is kept, run the same command to go on."


def main() -> None:
    """`headcheck`, as it is typed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, io.TextIOWrapper
        ):  # a pipe on Windows knows no check mark, and few names
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        leave_if_served()
        from headcheck.cli import app

        app()
    except KeyboardInterrupt:  # while it loads; later the command says the same
        print(f"headcheck: {STOPPED}", file=sys.stderr)
        sys.exit(130)


def leave_if_served() -> None:
    """If a resident grader of the course can run this process's command, that was it."""
    elsewhere = any(word.startswith("--scheduler") for word in sys.argv)
    if sys.argv[1:2] in (["grade"], ["regrade"], ["show"]) and not elsewhere:
        from headcheck.resident.client import run_there

        code = run_there(sys.argv)
        if code is not None:
            sys.exit(code)
