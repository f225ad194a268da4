"""The frame around a check: what a student reads when one fails.

Every message follows one recipe: what was checked, got / expected, likely cause, where to look.
Nothing in here imports torch, and nothing in here knows what a model is (see `expect` for that).
"""

from __future__ import annotations

import importlib
import linecache
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import FunctionType, TracebackType
from typing import Any

# File names that IPython gives to notebook cells.
_CELL = re.compile(r"[\\/]ipykernel_\d+[\\/]|^<(ipython|string|cell)")
GREEN, BOLD, PLAIN = "\x1b[32m", "\x1b[1m", "\x1b[0m"
INDENT = " " * 12
NOTEBOOK_WIDTH = 84  # columns that fit beside the file browser; longer words are not broken


class CheckFailed(AssertionError):
    """A check that did not pass, in words for the student.

    `table` holds finished lines shown below (two columns, say). Inside `hidden(...)` `got`,
    `expected` and `table` are withheld from the student and kept in `detail` for the TA.
    """

    def __init__(
        self,
        checked: str,
        *,
        got: object = None,
        expected: object = None,
        cause: str | None = None,
        look: str | None = None,
        table: Sequence[str] = (),
    ) -> None:
        super().__init__(checked)
        self.checked, self.got, self.expected = checked, got, expected
        self.cause, self.look = cause, look
        self.table = list(table)
        self.detail: str | None = None

    def lines(self) -> list[str]:
        """The message, line by line, without colour."""
        rows = [
            ("got", self.got),
            ("expected", self.expected),
            ("likely", self.cause),
            ("look at", self.look),
        ]
        lines = [f"✗ {self.checked}"]
        for label, value in rows:
            if value is not None:
                text = str(value).replace("\n", "\n" + INDENT)
                lines.append(f"  {label:<9} {text}")
        return lines + self.table

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback (IPython's own hook for this)."""
        first, *rest = self.lines()
        words = rest[: len(rest) - len(self.table)]  # the table's columns must stay columns
        # Bold and not red: Jupyter puts it on red, light or dark.
        return [f"{BOLD}{first}{PLAIN}", *map(_wrapped, words), *self.table]

    def concealed(self, what: str) -> CheckFailed:
        """The same failure without the hidden values; they stay in `detail` for the TA."""
        safe = CheckFailed(f"a hidden check: {what}", cause=self.cause, look=self.look)
        safe.detail = str(self)
        return safe


def _wrapped(line: str) -> str:
    wrap = {"subsequent_indent": INDENT, "break_long_words": False, "break_on_hyphens": False}
    parts = [textwrap.fill(part, NOTEBOOK_WIDTH, **wrap) for part in line.split("\n")]  # type: ignore[arg-type]
    return "\n".join(parts)


class NotAnswered(CheckFailed):
    """The stub is still there: one line, no traceback."""

    def __init__(self, exercise: str) -> None:
        super().__init__(f"{exercise} is not answered yet.")

    def lines(self) -> list[str]:
        return [f"○ {self.checked}"]

    def _render_traceback_(self) -> list[str]:
        return self.lines()


class AnswerMissing(CheckFailed):
    """The name of the exercise is not defined."""


class AnswerRaised(CheckFailed):
    """The student's code raised something while it was checked."""


class WriteItYourself(CheckFailed):
    """A finished library function was called where writing it is the exercise."""

    def __init__(self, name: str = "the library's finished function") -> None:
        super().__init__(
            f"the answer called {name}: this exercise asks you to do without it",
            look="the exercise text: what you write yourself, and what it lets you use",
        )


# What the check that runs is about: `hidden` stands inside `checking` and has to know.
_exercise: ContextVar[str | None] = ContextVar("exercise", default=None)


@contextmanager
def checking(exercise: str, write_it_yourself: Sequence[str] = ()) -> Iterator[None]:
    """Wrap the body of a check cell: whatever goes wrong inside becomes a worded `CheckFailed`.

    `write_it_yourself` names library functions or classes ("fastai.vision.learner.create_head")
    that raise when they are called inside the block.
    """
    with forbidding(write_it_yourself):
        token = _exercise.set(exercise)
        try:
            yield
        except CheckFailed:
            raise
        except NotImplementedError as error:
            if is_stub(error):
                raise NotAnswered(exercise) from None
            raise _raised(exercise, error) from None
        except NameError as error:
            if error.name == exercise:
                raise _missing(exercise) from None
            raise _raised(exercise, error) from None
        except (Exception, SystemExit) as error:
            raise _raised(exercise, error) from None
        finally:
            _exercise.reset(token)
    print(f"{GREEN}✓ {exercise}{PLAIN}")


@contextmanager
def hidden(what: str) -> Iterator[None]:
    """Wrap hidden tests: a failure says `what` was tried, never the values behind it."""
    try:
        yield
    except (NotAnswered, WriteItYourself):
        raise
    except CheckFailed as failure:
        raise failure.concealed(what) from None
    except (Exception, SystemExit) as error:
        if is_stub(error):
            raise
        safe = AnswerRaised(
            f"a hidden check: {what}",
            cause=f"your code raised {type(error).__name__} there",
            look=where_in_student_code(error.__traceback__, _exercise.get())
            or "the options the exercise text lists: try each of them yourself, one at a time",
        )
        safe.detail = f"{type(error).__name__}: {error_text(error)}"
        raise safe from None


def is_stub(error: BaseException) -> bool:
    """Whether this is the stub of an unanswered exercise (torch has such errors of its own)."""
    # Exactly this type: what `input()` raises in a graded notebook is a subclass.
    return type(error) is NotImplementedError and "missing the required" not in error_text(error)


def error_text(error: BaseException) -> str:
    try:
        return str(error)[:600]
    except Exception:  # an exception class of the student's own
        return ""


def _missing(exercise: str) -> CheckFailed:
    return AnswerMissing(
        f"{exercise} is not defined",
        cause="the answer cell was not run, or the name was changed",
        look="the answer cell above: run it first, and keep the name of the exercise",
    )


def _raised(exercise: str, error: BaseException) -> CheckFailed:
    place = where_in_student_code(error.__traceback__, exercise)
    call = _call_in_check(exercise, error.__traceback__) or f"{exercise}: running the check"
    return AnswerRaised(
        f"{call} raised {type(error).__name__}",
        got=error_text(error) or None,
        look=place or "what the answer returns: is it what the exercise asks for?",
    )


def _call_in_check(exercise: str, trace: TracebackType | None) -> str | None:
    """'build(3, cut=2)': the call of the exercise as the check cell has it, if it fits a line.

    Not inside `hidden(...)`: what is raised there never comes here.
    """
    while trace is not None and not _CELL.search(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    place = traceback.extract_tb(trace, limit=1)[0] if trace else None
    if place is None or place.lineno != place.end_lineno:
        return None
    source = linecache.getline(place.filename, place.lineno or 0).encode()
    call = source[place.colno : place.end_colno].decode()
    return call if call.startswith(f"{exercise}(") else None


def where_in_student_code(
    trace: TracebackType | None, exercise: str | None = None, from_check: bool = True
) -> str | None:
    """'line 3 of build:  x = y' for the innermost frame of a notebook cell.

    Of the cell that defines `exercise`, if that was running: an init function from the setup cell
    that was called with the wrong thing is not to blame. `from_check`: the first of these cells is
    the check cell. Its source may be hidden and is never shown.
    """
    frames, answer = [], None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if _CELL.search(name):
            code = trace.tb_frame.f_code
            frames.append((code.co_name, name, trace.tb_lineno))
            if exercise and code.co_qualname.split(".")[0] == exercise:
                answer = name
        trace = trace.tb_next
    if from_check:
        frames = [frame for frame in frames if frame[1] != frames[0][1]]
    frames = [frame for frame in frames if frame[1] == answer] or frames
    if not frames:
        return None
    function, filename, number = frames[-1]
    source = linecache.getline(filename, number).strip()
    return f"line {number} of {function}" + (f":  {source}" if source else "")


# ---- library functions that may not be called while checking -------------------------------------

_forbidden: ContextVar[tuple[str, ...]] = ContextVar("forbidden", default=())


def forbidden_now() -> tuple[str, ...]:
    """Names that raise while the current check runs (a remote call carries them along)."""
    return _forbidden.get()


@contextmanager
def forbidding(names: Sequence[str]) -> Iterator[None]:
    """Make the named functions and classes raise `WriteItYourself` inside the block.

    A function's `__code__` is swapped rather than its module attribute, so that a name the
    student imported earlier raises too.
    """
    undo: list[Callable[[], None]] = []
    token = _forbidden.set((*_forbidden.get(), *names))
    try:
        for name in names:
            undo.append(_forbid(name))
        yield
    finally:
        for restore in reversed(undo):
            restore()
        _forbidden.reset(token)


def _raiser(*args: Any, **kwargs: Any) -> None:
    # Runs with the globals of the function it replaces, hence the imports inside. The forbidden
    # name is the name of this code object: see `_forbid`.
    import sys

    from headcheck.lesson.checking import WriteItYourself

    raise WriteItYourself(sys._getframe().f_code.co_name)


def _forbid(dotted: str) -> Callable[[], None]:
    module_name, _, attribute = dotted.rpartition(".")
    owner = sys.modules.get(module_name) or importlib.import_module(module_name)
    target = getattr(owner, attribute)
    code = _raiser.__code__.replace(co_name=dotted)
    if isinstance(target, FunctionType):  # with as many cells of outer variables as it had
        return _swap(target, "__code__", code.replace(co_freevars=target.__code__.co_freevars))
    raiser = FunctionType(code, globals())
    if isinstance(target, type):
        return _swap(target, "__init__", raiser)
    return _swap(owner, attribute, raiser)


def _swap(owner: Any, attribute: str, value: object) -> Callable[[], None]:
    own = attribute in vars(owner) or not isinstance(owner, type)
    before = getattr(owner, attribute)
    setattr(owner, attribute, value)
    return (
        (lambda: setattr(owner, attribute, before)) if own else (lambda: delattr(owner, attribute))
    )
