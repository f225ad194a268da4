"""`headcheck check NOTEBOOK`: the visible checks of a notebook, in a terminal, and what is missing."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from headcheck.done.missing import missing
from headcheck.done.notebook_file import NoNotebook, NotebookFile, read
from headcheck.done.run_notebook import place_file
from headcheck.done.table import Outcome, lines, verdict

SECONDS = 600
_KILLED = 9  # the signal by which a system ends a process when memory runs out
# One thread: the models are small, and beside other work several only wait for each other (seen: 175
# seconds of processor time in place of 19).
_QUIET = {"MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}


class NotRun(Exception):
    """The notebook was not run to its end; the text says why."""


def check(path: Path, seconds: int = SECONDS) -> int:
    """Run the visible checks of the notebook and print what passes and what is missing.

    Returns the exit code: 0 complete and all visible checks pass, 1 not yet, 2 no such notebook.
    """
    try:
        notebook = read(path)
        outcomes = run_apart(notebook, seconds)
    except (NoNotebook, NotRun) as problem:
        print(f"headcheck: {problem}.", file=sys.stderr)
        return 2
    problems = missing(notebook)
    print("\n".join([*lines(notebook, outcomes), "", *verdict(notebook, problems, outcomes)]))
    passed = all(outcome.state == "passed" for outcome in outcomes.values())
    return 0 if passed and not problems else 1


def run_apart(notebook: NotebookFile, seconds: int) -> dict[str, Outcome]:
    """Run the notebook in a process of its own. Raises `NotRun`."""
    with tempfile.TemporaryDirectory(prefix="headcheck-check-") as folder:
        result = Path(folder) / "result.json"
        command = [
            sys.executable,
            "-m",
            "headcheck.done.run_notebook",
            str(notebook.path),
            str(result),
        ]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                env={**os.environ, **_QUIET},
            )
        except subprocess.TimeoutExpired:
            raise NotRun(
                f"{notebook.path.name} did not end within {seconds} s; it was at {_place(result)}: does a "
                "loop in it end? (--seconds allows more)"
            ) from None
        if not result.is_file():
            raise NotRun(
                f"{notebook.path.name} could not be run: {_why_none(done, _place(result))}"
            )
        data = json.loads(result.read_text(encoding="utf-8"))
    return {name: Outcome(**each) for name, each in data.items()}


def _place(result: Path) -> str:
    """The cell that ran last, in words."""
    at = place_file(result)
    return at.read_text(encoding="utf-8") if at.is_file() else "its beginning"


def _why_none(done: subprocess.CompletedProcess[bytes], place: str) -> str:
    """Why a process left no result: the last thing it said, or how it ended."""
    said = done.stderr.decode(errors="replace").strip().splitlines()
    if said and done.returncode > 0:
        return said[-1]
    if done.returncode == -_KILLED:
        return f"Python was stopped at {place}; was the memory full?"
    return f"Python itself ended at {place}"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of the student edition."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(prog="headcheck", description="Body & Head, for students.")
    commands = parser.add_subparsers(dest="command", required=True)
    verb = commands.add_parser("check", help="run a notebook's visible checks, say what is missing")
    verb.add_argument("notebook", type=Path)
    verb.add_argument("--seconds", type=int, default=SECONDS, help="how long it may take")
    given = parser.parse_args(arguments)
    raise SystemExit(check(given.notebook, given.seconds))
