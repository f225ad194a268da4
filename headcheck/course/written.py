"""What a student wrote as text, brought to the cell that a person reads.

A written answer is read where its cell stands, and one that still holds the given text counts as
"no response". So an answer in cells of its own, around the given text or instead of it, is joined
to the cell it belongs to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from nbformat import NotebookNode

from headcheck.cellcode import python
from headcheck.course.cells import Template, content_id, grade_id_of, role_of

LIKE = 0.75  # how alike two texts are when one is taken for a version of the other
MOST_TEXT = 5_000  # characters that are compared
MOST_CELLS = 100  # that are looked at around one written answer
FEW_WORDS = 8  # farther away a name or a remark is no answer
SPOKEN = re.compile(r"\s*%%(?:markdown|html|latex)\b[^\n]*\n")


@dataclass(frozen=True)
class _Part:
    """Text of the student's own: where it stands, and whether its cell holds nothing else."""

    place: int
    text: str
    whole: bool


def gather_written(cells: list[NotebookNode], template: Template) -> list[str]:
    """Join what belongs to written answers into their cells; what was done, for the TA.

    `cells`, of a repaired notebook, are changed in place: a cell that was joined is gone.
    """
    notes: list[str] = []
    lesson = _Lesson(template)
    for grade_id, wanted in template.graded().items():
        if role_of(wanted) != "written" or not wanted.metadata.nbgrader.get("solution"):
            continue
        place = next((p for p, cell in enumerate(cells) if grade_id_of(cell) == grade_id), None)
        if place is None:
            continue
        given = wanted.source if _plain(wanted.source) else template.released[grade_id]
        empty = _plain(cells[place].source) in ("", _plain(given))
        if empty:  # blank lines around the given text are no answer
            cells[place].source = given
        parts = list(lesson.beside(cells, place, empty=empty))
        if empty and not parts:
            parts = [p for p in lesson.near(cells, place) if len(p.text.split()) >= FEW_WORDS]
        parts.sort(key=lambda part: part.place)
        if parts:
            notes.append(_said(grade_id, len(parts), empty))
            _join(cells, place, parts, empty)
        elif empty:
            notes += lesson.elsewhere(cells, grade_id)
    return notes


def _said(grade_id: str, count: int, empty: bool) -> str:
    many = "a cell" if count == 1 else f"{count} cells"
    what = "The answer" if empty else "More of the answer"
    return (
        f"{what} to {grade_id} stood in {many} beside the one for it; it was joined into that one, "
        "where a person reads it."
    )


def _join(cells: list[NotebookNode], place: int, parts: Sequence[_Part], empty: bool) -> None:
    answer = cells[place]
    above = [part.text for part in parts if part.place < place]
    below = [part.text for part in parts if part.place > place]
    answer.source = "\n\n".join([*above, *([] if empty else [answer.source]), *below])
    for part in parts:
        pictures = cells[part.place].get("attachments")
        if pictures:
            answer["attachments"] = {**pictures, **answer.get("attachments", {})}
    for part in sorted(parts, key=lambda part: -part.place):
        if part.whole:
            del cells[part.place]


class _Lesson:
    """What stands in the lesson, to tell it from what a student added."""

    def __init__(self, template: Template) -> None:
        self.texts = [t for cell in template.cells if (t := _plain(cell.source))]
        self.texts += [t for text in template.released.values() if (t := _plain(text))]
        self.exact = set(self.texts)

    def beside(self, cells: Sequence[NotebookNode], place: int, *, empty: bool) -> Iterator[_Part]:
        """The student's text directly above and below, up to the lesson's next cells."""
        above = range(place - 1, max(place - 1 - MOST_CELLS, -1), -1)
        below = range(place + 1, min(place + 1 + MOST_CELLS, len(cells)))
        for side in (above, below):
            for at in side:
                part = self.part(cells[at], at, code=empty)
                if part is not None:
                    yield part
                if self.owns(cells[at]) or (part is not None and not part.whole):
                    break

    def near(self, cells: Sequence[NotebookNode], place: int) -> Iterator[_Part]:
        """The student's text around it, up to the next graded cells."""
        for step in (-1, 1):
            at = place + step
            while 0 <= at < len(cells) and abs(at - place) <= MOST_CELLS:
                if grade_id_of(cells[at]) is not None:
                    break
                part = self.part(cells[at], at, code=True)
                if part is not None:
                    yield part
                at += step

    def elsewhere(self, cells: Sequence[NotebookNode], grade_id: str) -> list[str]:
        """A hint when the student wrote text, but not near this answer."""
        after = "the top"
        for at, cell in enumerate(cells[: 4 * MOST_CELLS]):
            after = grade_id_of(cell) or after
            part = self.part(cell, at, code=False)
            if part is not None and len(part.text.split()) >= FEW_WORDS:
                words = " ".join(part.text.split())[:60]
                return [
                    f"{grade_id} was left unanswered, but the student wrote text after {after} "
                    f"({words!r}...); look whether the answer is there."
                ]
        return []

    def owns(self, cell: NotebookNode) -> bool:
        """Whether this cell is of the lesson, of this release or an earlier one."""
        if grade_id_of(cell) is not None or _plain(cell.source) in self.exact:
            return True
        return bool(cell.id.startswith(content_id(cell)))

    def part(self, cell: NotebookNode, at: int, *, code: bool) -> _Part | None:
        """What of a cell is the student's text; `code`: also when it is written as code."""
        if self.owns(cell):
            return None
        if cell.cell_type == "code":
            text = _spoken(cell.source) if code else ""
            return _Part(at, text, True) if len(text.split()) >= 3 else None
        text = _plain(cell.source)
        for known in self.texts:
            if len(known) > 20 and known in text:  # written into a cell of the lesson
                rest = text.replace(known, "", 1).strip()
                return _Part(at, rest, False) if rest else None
        if any(_alike(text, known) for known in self.texts):
            return None
        return _Part(at, cell.source.strip(), True) if text else None


def _plain(source: str) -> str:
    return "\n".join(line for raw in source.splitlines() if (line := raw.strip()))


def _alike(a: str, b: str) -> bool:
    a, b = a[:MOST_TEXT], b[:MOST_TEXT]
    if 2 * min(len(a), len(b)) < LIKE * (len(a) + len(b)):
        return False
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= LIKE and matcher.ratio() >= LIKE


def _spoken(source: str) -> str:
    """The text of a code cell that only says something: strings, comments, or no Python at all."""
    if magic := SPOKEN.match(source):
        return source[magic.end() :].strip()
    tree = python(source)
    if tree is None:
        return source.strip()
    if not tree.body:
        lines = (line.strip() for line in source.splitlines())
        return "\n".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    said = [_string(statement) for statement in tree.body]
    return "\n\n".join(text.strip() for text in said if text) if all(said) else ""


def _string(statement: ast.stmt) -> str:
    """The text of `"text"`, `name = "text"` and `print("text")`; empty for anything else."""
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and len(value.args) == 1:
        value = value.args[0] if value.func.id in ("print", "Markdown", "display") else None
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    return ""
