"""The checker process: runs the instructor's setup and check cells and says what came of them.

Student names are remote here (see `remote`); nothing of the student's is imported or unpickled. It
is forked per submission, limited and jailed like the student's process, because what an answer
returns may be made to cost much.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import gc
import hashlib
import inspect
import io
import os
import random
import socket
import sys
import traceback
import types
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

from headcheck import cellcode
from headcheck.inside.checker.objects import RemoteClass, place_of
from headcheck.inside.checker.remote import MISSING, Student
from headcheck.inside.line import wire
from headcheck.inside.line.files import unpack
from headcheck.inside.line.limits import WireError
from headcheck.inside.line.shared import CannotCross
from headcheck.lesson import once_for_all
from headcheck.lesson.failures import CheckFailed, NotAnswered
from headcheck.lesson.torch_here import IS_HERE, came_late, torch
from headcheck.references import install
from headcheck.sandbox import frames
from headcheck.seed import set_seed

MAX_TEXT = 8000
MAX_PRINTED = 100_000
OUR_FAULT = "The grader failed here; this is not your fault. A person will look at it."


class NotOurs(Exception):
    """A check would have run with names that are not the instructor's: there is no verdict."""


class Checker:
    """The namespace of the instructor's cells, and the line to the student's names."""

    def __init__(self, line: socket.socket, argument: dict[str, Any]) -> None:
        self.seed: int = argument["seed"]
        self.answers: dict[str, str] = argument["answers"]  # grade_id -> the student's source
        self.module = types.ModuleType("__main__")
        self.names = vars(self.module)
        sys.modules["__main__"] = self.module
        self.names.update(display=lambda *things: print(*things, sep="\n"))
        # Never the student's, whatever became of their process: Python's own names and those that
        # instructor's cells bind, or would have bound. The owner reads these from the cells' text.
        self.ours: set[str] = {*dir(builtins), *self.names, *argument["ours"]} - self.answers.keys()
        self.setups: list[str] = []  # those that have run, in order
        self.used: set[str] = set()  # names that check cells read
        self.candidates = _answer_names(self.answers)
        self.setup_names: dict[str, Any] = {}
        self.student = Student(line, self.setup_names, place=self.place)
        self.missing: set[str] = set()
        set_seed(self.seed)

    def setup(self, grade_id: str, code: str) -> None:
        """Run a setup cell. Raises whatever it raises: that is the instructor's fault."""
        before = dict(self.names)
        self._run(grade_id, code)
        if came_late():
            raise NotOurs(
                "this lesson uses torch, which c.Headcheck.libraries in grader_config.py does not name"
            )
        answers = self.answers.keys()
        self.ours |= (
            self.names.keys() - before.keys()
        ) - answers  # `import *` binds what no text shows
        bound = {n for n, value in self.names.items() if value is not before.get(n, MISSING)}
        for name in answers & bound:
            if str(getattr(self.names[name], "__module__", None)).startswith("headcheck."):
                raise NotOurs(f"{name} is both an answer and a name of the grader's")
        self.setups.append(grade_id)
        for name, value in self.names.items():
            if getattr(value, "__module__", None) == "__main__" and name not in answers:
                self.setup_names[name] = value

    def check(self, grade_id: str, code: str, reads: list[str], after: list[str]) -> dict[str, Any]:
        """Run a check cell; what came of it, as plain data (see `engines.checker.Report`).

        `reads`: the global names in it. `after`: the setup cells that stand before it. When others
        have run, there is no verdict.
        """
        printed = io.StringIO()
        report: dict[str, Any] = {"outcome": "passed"}
        self.student.raised.clear()
        _seed_everything(f"{self.seed}/{grade_id}")
        try:
            with redirect_stdout(printed), redirect_stderr(io.StringIO()):
                if self.setups != after:
                    raise NotOurs(f"the setup cells {self.setups} have run, not {after}")
                self._fetch(reads)
                value = self._run(grade_id, code)
            if isinstance(value, int | float) and not isinstance(value, bool):
                report["value"] = repr(float(value))
        except wire.Gone:
            report = {"outcome": "gone"}
        except BaseException as error:
            report = self._judge(error)
        report["printed"] = printed.getvalue()[:MAX_PRINTED]
        return report

    def _fetch(self, reads: list[str]) -> None:
        """Bring the student's names up to date, those that check cells speak of."""
        self.used |= set(reads)
        names = [n for n in self.candidates if n in self.used and n not in self.ours]
        self.missing = set()
        for name, value in self.student.fetch(names).items():
            if name in self.ours:
                raise NotOurs(f"{name} came from the student's process")
            if value is MISSING:
                self.names.pop(name, None)
                self.missing.add(name)
            else:
                self.names[name] = value
        asked = (self.names.get(n) for n in names if n in reads and n[:1].isupper())
        places = (place_of(value) for value in asked if isinstance(value, RemoteClass))
        self.student.asked = {place.key for place in places if place is not None}

    def _run(self, name: str, code: str) -> Any:
        """Run a cell; the value of its last line, when that is an expression."""
        tree = cellcode.as_python(code)
        body = (ast.parse(code) if tree is None else tree).body  # what is no Python raises here
        where, shows = f"<instructor's cell {name}>", bool(body) and isinstance(body[-1], ast.Expr)
        self._evaluate(ast.Module(body[: len(body) - shows], []), where)
        if shows and isinstance(body[-1], ast.Expr):
            return self._evaluate(ast.Expression(body[-1].value), where)
        return None

    def _evaluate(self, tree: ast.Module | ast.Expression, where: str) -> Any:
        """As Jupyter does: a cell may await."""
        kind = "exec" if isinstance(tree, ast.Module) else "eval"
        code = compile(tree, where, kind, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        found = eval(code, self.names)
        return asyncio.run(found) if code.co_flags & inspect.CO_COROUTINE else found

    def place(self, function: str, line: int, mark: int) -> str | None:
        """'line 3 of create_head: `x = y`', only if an answer has this very line there."""
        for source in self.answers.values():
            tree = cellcode.python(source)
            for node in ast.walk(tree) if tree else ():
                if not (isinstance(node, ast.FunctionDef) and node.name == function):
                    continue
                if node.lineno <= line <= (node.end_lineno or 0):
                    text = source.splitlines()[line - 1].strip()
                    if wire.mark_of(text) == mark:
                        return f"line {line} of {function}:  {text[:200]}"
        return None

    def _judge(self, error: BaseException) -> dict[str, Any]:
        detail = _whole(error)
        cause: BaseException = error
        if isinstance(error, CheckFailed):
            detail = error.detail or str(error)
            shown = [str(line)[:MAX_TEXT] for line in error._render_traceback_()]
            message = str(error)
            if error.__context__ is not None:
                cause = error.__context__
        else:
            message = f"✗ running this check raised {type(error).__name__}"
            if isinstance(error, AssertionError):
                message = "✗ this check did not pass"
            shown = [message]
        outcome = self._outcome(error, cause)
        if outcome == "grader-error":
            message = OUR_FAULT
            shown, detail = [message], _whole(cause)
        report = {
            "outcome": outcome,
            "message": message[:MAX_TEXT],
            "shown": shown[:100],
            "detail": detail
            if outcome == "grader-error"
            else _detail(detail, cause, self.student.raised),
            "line": _line(error),
        }
        if isinstance(cause, NameError) and cause.name in self.missing:
            report["missing"] = cause.name
        return report

    def _outcome(self, error: BaseException, cause: BaseException) -> str:
        if isinstance(cause, CannotCross | NotOurs):
            return "grader-error"
        if isinstance(error, NotAnswered):
            return "failed"
        if isinstance(cause, NameError) and cause.name in self.missing:
            return "missing"
        if isinstance(cause, MemoryError) or "DefaultCPUAllocator" in str(cause)[:2000]:
            return "out-of-memory"
        if isinstance(cause, CheckFailed | AssertionError):
            return "failed"
        return "error"


def main(fds: list[int]) -> None:
    """Entry point of a checker process. fds: the control socket, then the student's.

    The first frame on the control socket brings the seed, the answers' sources, the references, and
    under which name the forkserver keeps what is the same for all submissions of the lesson.
    """
    control, line = (socket.socket(fileno=fd) for fd in fds)
    # Nobody reads what C code prints here, and a full pipe must not stop a check.
    os.set_blocking(1, False)
    os.set_blocking(2, False)
    # Checks make little garbage that goes in circles, and nothing that stays long.
    gc.set_threshold(10_000, 50, 50)
    try:
        argument, archives = frames.receive(control, max_fds=1)
        unpack(archives)
        sys.path.insert(0, "")  # the lesson's own modules
        if IS_HERE:
            install(argument["references"])
        once_for_all.begin(argument["lesson"])
        checker = Checker(line, argument)
    except (EOFError, ConnectionError):
        return
    while True:
        try:
            request, _ = frames.receive(control)
        except (EOFError, ConnectionError):
            return
        if request["do"] == "check":
            wanted = request["reads"], request["after"]
            report = checker.check(request["grade_id"], request["code"], *wanted)
        elif request["do"] == "compute":
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                report = {"outcome": "passed", "computed": once_for_all.compute_all()}
        else:
            report = {"outcome": "passed"}
            try:
                with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                    checker.setup(request["grade_id"], request["code"])
            except BaseException:
                report = {"outcome": "grader-error", "detail": traceback.format_exc()[-MAX_TEXT:]}
        frames.send(control, report)


def _line(error: BaseException | None) -> int | None:
    """Where in the instructor's cell it began: the last line there of the first error of the chain."""
    found = None
    while error is not None:
        for frame, line in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename.startswith("<instructor's cell test_"):
                found = line
        error = error.__context__
    return found


def _whole(error: BaseException) -> str:
    return "".join(traceback.format_exception(error, limit=-8))[-MAX_TEXT:]


def _detail(text: str, cause: BaseException, raised: list[str]) -> str:
    lines = [text]
    for unread in (cause, cause.__cause__):
        if isinstance(unread, WireError):
            lines.append(f"what the student's process sent could not be read: {unread}"[:500])
    if raised:
        lines.append(f"the student's code raised: {', '.join(raised[-5:])}"[:2000])
    return "\n".join(lines)[:MAX_TEXT]


def _seed_everything(purpose: str) -> None:
    # Secret inputs must not follow from the state that a fork inherits.
    number = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:4], "big")
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


def _answer_names(answers: dict[str, str]) -> list[str]:
    """The names that answer cells define: their grade_ids, and what else they bind at top level."""
    found = dict.fromkeys(name for name in answers if name.isidentifier())
    for source in answers.values():
        found.update(dict.fromkeys(sorted(cellcode.binds(source))))
    return [name for name in found if not name.startswith("__")]
