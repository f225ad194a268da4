"""Where in the student's code something went wrong, and whose fault it is."""

from __future__ import annotations

import linecache
import re
import traceback
from types import TracebackType

from headcheck.lesson.causes import cause_of, sentence_of

# File names that IPython gives to notebook cells.
_CELL = re.compile(r"[\\/]ipykernel_\d+[\\/]|^<(ipython|string|cell)")


def error_text(error: BaseException) -> str:
    try:
        return str(error)[:600]
    except Exception:  # an exception class of the student's own
        return ""


def name_of(error: BaseException) -> str:
    """What the student knows this error as: `an error of its own` for a class of the answer's."""
    return str(getattr(error, "called", None) or type(error).__name__)


def likely_cause(error: BaseException) -> str | None:
    """What this error most likely means, in a sentence; None when the table does not know it.

    An error that stands for one of the student's process brings the name of its row along.
    """
    if hasattr(error, "likely"):
        return sentence_of(error.likely)
    found = cause_of(type(error).__name__, error_text(error))
    return found.sentence if found else None


def call_in_check(exercise: str, trace: TracebackType | None) -> str | None:
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
