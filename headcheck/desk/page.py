"""Pages for who teaches: one file that needs no network, and in which no script but ours runs."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.filters import strip_ansi

from headcheck.course.directory import Course
from headcheck.desk.outbox import write_filled
from headcheck.desk.visible import lines
from headcheck.grading.work import CellResult

# What stands for an outcome where there is room for one sign.
SIGNS = {
    "passed": "✓",
    "failed": "✗",
    "missing": "–",
    "error": "!",
    "timeout": "t",
    "out-of-memory": "m",
    "died": "d",
    "grader-error": "?",
}


_ONLY_OURS = (
    b"content=\"default-src 'none'; style-src 'unsafe-inline'; script-src"  # no other page has that
)
PIECES = 1000  # of a page, that are put together before the next ones are made


def number(value: float) -> str:
    """12, 12.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


@cache
def escaping() -> Environment:
    """Where templates of pages live: what students wrote is escaped and shown as what it is.

    One for the whole process, which compiles each template once.
    """
    environment = Environment(
        loader=PackageLoader("headcheck.desk"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        "number": number,
        "plain": lambda text: strip_ansi(text).strip(),
        "percent": lambda share: f"{share:.1%}".replace("%", " %"),
        "thousands": lambda count: f"{count:,}",
        "download": lambda text: b64encode(text.encode("utf-8-sig")).decode(),
        "sign": _sign,
        "of": lambda key, known: known[key],
    }
    return environment


def page(template: str, script: str = "", **names: object) -> str:
    """A page from a template. `script`: of another one, the only script that may run in it."""
    environment = escaping()
    code = environment.get_template(script).render() if script else ""
    proof = b64encode(sha256(code.encode()).digest()).decode()
    text = environment.get_template(template).stream(
        made=datetime.now(UTC),
        script=Markup(code),
        script_allowed=Markup(f"'sha256-{proof}'" if code else "'none'"),
        **names,
    )
    # A class of thousands has millions of pieces: each costs more than the few letters it holds.
    text.enable_buffering(PIECES)
    return "".join(text)


def write_page(course: Course, path: Path, text: str, *, named: bool = False) -> None:
    """Make a page anew. What a person changed in it, or had under that name, is kept.

    `named` by somebody: then it is left as it is. Raises `CourseError` in that case.
    """
    write_filled(course, path, text.encode(), named=named, strict=not _is_ours(path))


def _is_ours(path: Path) -> bool:
    """Whether a file begins like a page of ours, also of an earlier version."""
    if not path.is_file():
        return True
    with path.open("rb") as file:
        return _ONLY_OURS in file.read(1000)


def _shown(value: object) -> object:
    """Whatever a page says of students' names and texts; markup of ours is left alone."""
    return lines(value) if type(value) is str else value


def _sign(cell: CellResult) -> str:
    """One sign for a check: of partial points, the points."""
    return number(cell.score) if 0 < cell.score < cell.max_score else SIGNS[cell.outcome]
