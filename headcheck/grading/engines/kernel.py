"""The engine `nbgrader`: everything in one ordinary Jupyter kernel, by nbgrader's own execute step.

It works wherever nbgrader does and isolates nothing: the student's code shares the process with
the hidden tests and has the rights of the person who grades. What it adds to nbgrader's step is
honest results: a cell that hangs or kills the kernel costs its own question only.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute

from headcheck.course.cells import Role, answer_of, grade_id_of
from headcheck.grading.engines.outputs import EACH_OUTPUT
from headcheck.grading.engines.replay import Refuse, Replay, RunCell, Start
from headcheck.grading.running import at
from headcheck.grading.submission import (
    ASKING,
    ASKS_A_PERSON,
    SETUP_FAILED,
    Run,
    Verdict,
    setup_note,
)
from headcheck.grading.work import EngineName, Outcome, Work
from headcheck.seed import SEED_VARIABLE

NOT_ISOLATED = "Not isolated: graded with --engine nbgrader, tests and answers in one kernel."
_quiet = logging.Logger("headcheck.kernel", level=logging.CRITICAL + 1)
_NO_MEMORY = re.compile(r"\bMemoryError\b|can't allocate memory|out of memory")
_CELL_FILE = re.compile(r"\((?:\d+\.py|<[^>]*>), line")
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)


class KernelEngine:
    """One kernel per notebook; safe to use from several threads."""

    name: EngineName = "nbgrader"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._attempts: set[_Attempt] = set()

    def run(self, notebook: NotebookNode, roles: Sequence[Role], work: Work) -> Run:
        attempt = _Attempt(notebook, roles, work)
        with self._lock:
            if self._closed:
                raise RuntimeError("the engine is closed")
            self._attempts.add(attempt)
        try:
            with tempfile.TemporaryDirectory(
                prefix="headcheck-", ignore_cleanup_errors=True
            ) as folder:
                attempt.folder = _with_files(Path(folder), work.files)
                return _run_to_end(attempt)
        finally:
            with self._lock:
                self._attempts.discard(attempt)

    def ready(self) -> None:
        """Nothing to wait for: every notebook starts a kernel of its own."""

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for attempt in self._attempts:
                attempt.kill()


def _with_files(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def _run_to_end(attempt: _Attempt) -> Run:
    """In this thread, or in one of its own where an event loop is running (formgrader)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(attempt.run())
    result: list[Run] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            result.append(asyncio.run(attempt.run()))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return result[0]


class _Client(Execute):
    """nbgrader's execute step with a limit on what is kept of a cell's output."""

    output_limit = 2**20
    all_limit = 6 * 2**20
    _kept = _all = 0
    _cut = False

    async def async_execute_cell(self, cell: NotebookNode, *args: Any, **kwargs: Any) -> Any:
        self._kept, self._cut = 0, False
        return await super().async_execute_cell(cell, *args, **kwargs)

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], *args: Any) -> Any:
        size = len(str(msg["content"])) + EACH_OUTPUT
        fits = self._kept + size <= self.output_limit and self._all + size <= self.all_limit
        # An error is always kept: it decides the verdict.
        if (fits and not self._cut) or msg["msg_type"] == "error":
            self._kept, self._all = self._kept + size, self._all + size
            return super().output(outs, msg, *args)
        if not self._cut:
            self._cut = True
            text = f"\n... output cut after {self._kept >> 10} KiB\n"
            outs.append(new_output("stream", name="stdout", text=text))
        return None


class _Attempt:
    """The way through one notebook, with a new kernel whenever one is lost."""

    def __init__(self, notebook: NotebookNode, roles: Sequence[Role], work: Work) -> None:
        self.notebook, self.roles, self.work = notebook, roles, work
        self.limits = work.limits
        self.folder = Path()
        self.client: _Client | None = None
        code = (n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code")
        self.replay = Replay((n for n in code if roles[n] != "written"), math.inf)
        self.broken: dict[str, Verdict] = {}  # answers and setup cells that did not run through
        self.verdicts: dict[str, Verdict] = {}
        self.notes = [NOT_ISOLATED]
        self.deadline = math.inf

    async def run(self) -> Run:
        try:
            while (step := self.replay.next(time.monotonic() < self.deadline)) is not None:
                if isinstance(step, Start):
                    await self._start()
                    if not self.replay.starts:
                        self.deadline = time.monotonic() + self.limits.submission_seconds
                    self.replay.started()
                elif isinstance(step, Refuse):
                    self._record(step.index, "timeout", self._no_time())
                else:
                    await self._step(step)
        finally:
            await self._stop()
        return Run(self.verdicts, self.notes)

    def kill(self) -> None:
        """From another thread: end the kernel, now."""
        if self.client is not None and self.client.km is not None:
            _kill_group(self.client)

    # ---- one cell

    async def _step(self, step: RunCell) -> None:
        name = self._name(step.index)
        if not step.again:
            at(self.work, name)
        outcome, why = await self._execute(step.index, again=step.again)
        if outcome == "died" or (outcome == "timeout" and not await _answers(self.client)):
            await self._stop()
            self.replay.lost()
            if not step.again:
                self.notes.append(
                    f"{name} ended or blocked the kernel; a new one went on after it."
                )
        else:
            self.replay.went_on()
        if outcome == "timeout":  # it would take as long again
            self.replay.leave_out([step.index])
        if not step.again:
            self._record(step.index, outcome, why)

    def _record(self, index: int, outcome: Outcome, why: str) -> None:
        """What came of the first turn of a cell."""
        cell, role, name = self.notebook.cells[index], self.roles[index], self._name(index)
        if role == "check":
            self.verdicts[name] = self._judge(cell, name, outcome, why)
        elif outcome != "passed":
            self.broken[name] = Verdict(outcome, why)
            if role == "setup":
                self.notes.append(setup_note(name, why))

    def _name(self, index: int) -> str:
        return grade_id_of(self.notebook.cells[index]) or f"cell {index + 1}"

    def _no_time(self) -> str:
        return (
            f"the notebook as a whole took longer than {self.limits.submission_seconds:g} s "
            "(submission_seconds), so this was not run"
        )

    async def _execute(self, index: int, *, again: bool) -> tuple[Outcome, str]:
        """Run one cell; what became of it, and in words when that was not good.

        `again`: what it shows is not kept.
        """
        client = self.client
        assert client is not None
        if not again:
            client.nb = self.notebook
        elif client.nb is self.notebook:
            client.nb = deepcopy(self.notebook)
        cell = client.nb.cells[index]
        remaining = self.deadline - time.monotonic()
        seconds = max(1, math.ceil(min(self.limits.cell_seconds, remaining)))
        client.timeout = seconds
        try:
            await client.async_execute_cell(cell, index)
        except DeadKernelError:
            return "died", "the Python process ended in it (a crash, an exit or a kill)"
        except CellTimeoutError:
            return "timeout", f"it ran longer than {seconds} s and could not be interrupted"
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if not errors:
            return "passed", ""
        if any(error.ename == "CellTimeoutError" for error in errors):
            return "timeout", f"it ran longer than {seconds} s"
        if errors[-1].ename in ASKING:
            return "error", ASKS_A_PERSON
        text = f"{errors[-1].ename}: {errors[-1].evalue}".strip(": ")
        text = _CELL_FILE.sub("(line", text)
        if _NO_MEMORY.search(text):
            return "out-of-memory", text[:600]
        return "error", text[:600]

    # ---- the kernel

    async def _start(self) -> None:
        client = _Client(
            kernel_name=self.notebook.metadata.get("kernelspec", {}).get("name", "python3"),
            allow_errors=True,
            interrupt_on_timeout=True,
            startup_timeout=120,
            # With its 4 s, much output on a busy machine would count as no end; a cell that cannot be
            # interrupted is waited for as long.
            iopub_timeout=12,
            shutdown_kernel="immediate",
            log=_quiet,
        )
        client.nb = self.notebook
        client.output_limit = self.limits.output_kib << 10
        client.all_limit = self.limits.all_output_kib << 10
        client.create_kernel_manager()
        env = os.environ | {
            "NBGRADER_EXECUTION": "autograde",
            SEED_VARIABLE: str(self.work.seed),
        }
        self.client = client
        # What the kernel itself writes (not its cells) is none of the student's or the TA's concern.
        await client.async_start_new_kernel(
            cwd=str(self.folder), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        await client.async_start_new_kernel_client()

    async def _stop(self) -> None:
        client, self.client = self.client, None
        if client is not None and client.km is not None:
            _kill_group(client)
            with suppress(Exception):
                await client._async_cleanup_kernel()

    # ---- the verdict

    def _judge(self, cell: NotebookNode, name: str, outcome: Outcome, why: str) -> Verdict:
        errors = [output for output in cell.outputs if output.output_type == "error"]
        ename = errors[-1].ename if errors else ""
        detail = strip_ansi("\n".join(line for e in errors for line in e.traceback))
        message = f"{name}: {why}." if outcome in ("timeout", "died") else why
        if outcome == "error":
            outcome, message = _read_error(ename, errors[-1].evalue, self._answer_names())
        if outcome == "missing":
            answer = answer_of(name, self._answer_names())
            cause = self.broken.get(answer or "")
            if cause is not None:
                outcome = cause.outcome
                message = f"The answer cell {answer} did not run through: {cause.message}."
        setup = self._broken_setup()
        if outcome in ("missing", "error") and setup is not None:
            detail = f"setup cell {setup}: {self.broken[setup].message}\n{message}\n{detail}"
            outcome, message = "grader-error", SETUP_FAILED
        worded = ename in _WORDED
        if outcome != "passed" and not worded and _HIDDEN.search(cell.source):
            if outcome in ("failed", "error") and not _fails_in_sight(cell, detail):
                message = f"A hidden part of {name} raised {ename}."
            _replace_errors(cell, ename, message)
        elif outcome in ("timeout", "died", "grader-error") or (
            outcome != "passed" and message != errors[-1].evalue and worded
        ):
            _replace_errors(cell, ename or outcome, message)
        return Verdict(outcome, message, "" if worded and outcome != "grader-error" else detail)

    def _answer_names(self) -> list[str]:
        cells = zip(self.notebook.cells, self.roles, strict=True)
        return [grade_id_of(cell) or "" for cell, role in cells if role == "answer"]

    def _broken_setup(self) -> str | None:
        names = [self._name(n) for n, role in enumerate(self.roles) if role == "setup"]
        return next((name for name in names if name in self.broken), None)


_WORDED = {"CheckFailed", "NotAnswered", "WriteItYourself", "AnswerMissing", "AnswerRaised"}


def _read_error(ename: str, evalue: str, answers: Sequence[str]) -> tuple[Outcome, str]:
    """Outcome and message of a check that raised."""
    if ename == "AnswerMissing":
        return "missing", evalue
    if ename == "AnswerRaised":
        return ("out-of-memory" if _NO_MEMORY.search(evalue) else "error"), evalue
    if ename in _WORDED:
        return "failed", evalue
    if ename == "NameError" and any(f"'{answer}'" in evalue for answer in answers):
        return "missing", f"{ename}: {evalue}"
    if ename == "AssertionError":
        return "failed", evalue or "The check failed."
    return "error", f"{ename}: {evalue}"


def _fails_in_sight(cell: NotebookNode, trace: str) -> bool:
    """Whether the check raised in a line that students have, too."""
    found = re.search(r"Cell In\[\d+\], line (\d+)", trace)
    if found is None:
        return False
    line = int(found.group(1))
    return not any(
        cell.source.count("\n", 0, m.start()) + 1 <= line <= cell.source.count("\n", 0, m.end()) + 1
        for m in _HIDDEN.finditer(cell.source)
    )


def _replace_errors(cell: NotebookNode, ename: str, message: str) -> None:
    """One error with our words: a traceback would show the source of hidden tests."""
    kept = [output for output in cell.outputs if output.output_type != "error"]
    error = new_output("error", ename=ename, evalue=message, traceback=message.splitlines())
    cell.outputs = [*kept, error]


async def _answers(client: _Client | None) -> bool:
    """Whether an interrupted kernel is ready for the next cell."""
    if client is None or client.kc is None or client.km is None:
        return False
    try:
        message = client.kc.kernel_info()
        async with asyncio.timeout(3):
            while True:
                reply = await client.kc.shell_channel.get_msg(timeout=3)  # type: ignore[misc]
                if reply["parent_header"].get("msg_id") == message:
                    return True
    except Exception:
        return False


def _kill_group(client: _Client) -> None:
    """End the kernel and what it started in its own process group."""
    group = getattr(getattr(client.km, "provisioner", None), "pgid", None)
    if isinstance(group, int) and group > 1 and group != os.getpgrp():
        with suppress(OSError):
            os.killpg(group, signal.SIGKILL)
