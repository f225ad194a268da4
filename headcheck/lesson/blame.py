"""Where in the student's code something went wrong, and whose fault it is."""

from __future__ import annotations

import ast
import linecache
import re
import traceback
from types import CodeType, TracebackType

from headcheck.lesson.causes import (
    NO_SUCH_ATTRIBUTE,
    NOTHING_RETURNED,
    NUMBER_BEFORE_DOT,
    Cause,
    cause_of,
    row_of,
)

# File names that IPython gives to notebook cells.
_CELL = re.compile(r"[\\/]ipykernel_\d+[\\/]|^<(ipython|string|cell)")
# How the first line of a setup cell ends.
_GO_ON = re.compile(r"#.*[Rr]un this cell and go on\.$")


def is_cell(filename: str) -> bool:
    """Whether IPython gives this name to the code of a notebook cell."""
    return bool(_CELL.search(filename))


def error_text(error: BaseException) -> str:
    try:
        return str(error)[:600]
    except Exception:  # an exception class of the student's own
        return ""


def name_of(error: BaseException) -> str:
    """What the student knows this error as: `an error of its own` for a class of the answer's."""
    return str(getattr(error, "called", None) or type(error).__name__)


def likely_cause(error: BaseException) -> str | None:
    """What this error most likely means, in a sentence; None when the table does not know it."""
    row = row_for(error)
    return row.sentence if row else None


def row_for(error: BaseException) -> Cause | None:
    """The row of the table of causes that fits an error.

    An error that stands for one of the student's process brings the name of its row along.
    """
    if hasattr(error, "likely"):
        return row_of(error.likely)
    kind, text = type(error).__name__, error_text(error)
    if kind in ("TypeError", "AttributeError") and _raised_in_check(error.__traceback__):
        if "'NoneType'" in text:
            return row_of(NOTHING_RETURNED)
        row = cause_of(kind, text, error.__traceback__)
        of_another_kind = row in (row_of(NO_SUCH_ATTRIBUTE), row_of(NUMBER_BEFORE_DOT))
        return None if of_another_kind else row  # what came back is, and no line of the answer
    return cause_of(kind, text, error.__traceback__)


def _raised_in_check(trace: TracebackType | None) -> bool:
    """Whether a line of the check cell raised, or of a setup cell's function that it calls."""
    cells: list[str] = []
    last = ""
    while trace is not None:
        last = trace.tb_frame.f_code.co_filename
        cells += [last] * bool(_CELL.search(last))
        trace = trace.tb_next
    return bool(cells) and last == cells[-1] and (last == cells[0] or _is_setup(last))


def _is_setup(cell: str) -> bool:
    """Whether the cell is the course's own: it brings the checks in, or its first line says to go on."""
    lines = linecache.getlines(cell)
    first = lines[0] if lines else ""
    return bool(_GO_ON.match(first)) or any(
        line.startswith("from headcheck import") for line in lines
    )


def call_in_check(exercise: str, trace: TracebackType | None) -> str | None:
    """'build(3, cut=2)': the call of the exercise as the check cell has it, if it fits a line.

    Not inside `hidden(...)`: what is raised there never comes here.
    """
    check = None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if check is None and _CELL.search(name):
            check = name
        if name == check and (call := _call(exercise, trace)):
            return call
        trace = trace.tb_next
    return None


def _call(exercise: str, trace: TracebackType) -> str | None:
    """The call at which this frame stood, if it is one of the exercise and fits a line."""
    place = traceback.extract_tb(trace, limit=1)[0]
    if place.lineno != place.end_lineno:
        return None
    source = linecache.getline(place.filename, place.lineno or 0).encode()
    call = source[place.colno : place.end_colno].decode()
    return call if call.startswith(f"{exercise}(") else None


def line_below(trace: TracebackType | None) -> bool:
    """Whether code of a notebook cell stands below the line that raised, in the same block: it never runs."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not is_cell(trace.tb_frame.f_code.co_filename):
        return False
    try:
        cell = ast.parse("".join(linecache.getlines(trace.tb_frame.f_code.co_filename)))
    except SyntaxError:  # a magic stands above it
        return False
    blocks = [getattr(node, "body", []) for node in ast.walk(cell)]
    return any(
        line.lineno == trace.tb_lineno
        for block in blocks
        if isinstance(block, list)
        for line in block[:-1]
        if isinstance(line, ast.Raise)
    )


def where_in_student_code(
    trace: TracebackType | None, exercise: str | None = None, from_check: bool = True
) -> str | None:
    """'line 3 of build:  x = y' for the innermost frame of a notebook cell.

    Of the cell that defines `exercise`, if that was running: an init function from the setup cell
    that was called with the wrong thing is not to blame, and no setup cell ever is. `from_check`: the first of these cells is
    the check cell. Its source may be hidden and is never shown.
    """
    frames, answer = [], None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if _CELL.search(name):
            code = trace.tb_frame.f_code
            frames.append((_function_of(code), name, trace.tb_lineno))
            if exercise and code.co_qualname.split(".")[0] == exercise:
                answer = name
        trace = trace.tb_next
    if from_check:
        frames = [
            f for f in frames if f[1] != frames[0][1] and (f[1] == answer or not _is_setup(f[1]))
        ]
    frames = [frame for frame in frames if frame[1] == answer] or frames
    if not frames:
        return None
    function, filename, number = frames[-1]
    source = linecache.getline(filename, number).strip()
    return f"line {number} of {function}" + (f":  {source}" if source else "")


def _function_of(code: CodeType) -> str:
    """The function in which this code stands; a lambda or a comprehension has no name to look for."""
    named = [part for part in code.co_qualname.split(".") if not part.startswith("<")]
    return named[-1] if named and code.co_name.startswith("<") else code.co_name
