"""Cells of an nbgrader notebook: what role each plays, and how a damaged submission is put right.

The instructor's version (`Template`) decides everything; what a student's file says about roles,
points or checksums is never believed. A repair leaves a sentence for the TA in `notes`.
"""

from __future__ import annotations

import ast
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal
from uuid import uuid4

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

Role = Literal["setup", "answer", "check", "demo", "written"]

MAX_BYTES = 100 * 2**20  # the size at which nbgrader itself ignores a file
MAX_CELLS = 5_000
MAX_SOURCE = 200_000  # characters of a cell that is looked into
MAX_LIKE = 5  # cells that are compared with one that was lost
LIKE = 0.75  # how alike two texts are when one is taken for an edited copy of the other

# A line that is none of Python's: `%time f()`, `!ls`, `files = !ls`.
_MAGIC = re.compile(r"(?m)^([ \t]*+)(?:[\w.,* ]++=[ \t]*+)?[%!].*$")
_LOOKS_LIKE = {
    b"PK\x03\x04": "a zip archive",
    b"%PDF": "a PDF document",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}
_SEND_AGAIN = "ask for the .ipynb file itself, saved in Jupyter and downloaded again"


class Unreadable(ValueError):
    """The file cannot be used as a notebook: one sentence that names it and the remedy."""


def role_of(cell: NotebookNode) -> Role:
    """The role of a cell, from the instructor's metadata (see docs/authoring.md)."""
    meta = cell.metadata.get("nbgrader") or {}
    graded, solution = bool(meta.get("grade")), bool(meta.get("solution"))
    if meta.get("task") or (graded and solution):
        return "written" if cell.cell_type != "code" else "answer"
    if cell.cell_type != "code":
        return "demo"
    if solution:
        return "answer"
    if graded:
        return "check"
    return "setup" if meta.get("locked") else "demo"


def roles_of(notebook: NotebookNode) -> list[Role]:
    """The role of every cell, in order."""
    return [role_of(cell) for cell in notebook.cells]


def grade_id_of(cell: NotebookNode) -> str | None:
    """The cell's grade_id, when it has a usable one."""
    meta = cell.metadata.get("nbgrader")
    found = meta.get("grade_id") if isinstance(meta, dict) else None
    return found if isinstance(found, str) and found else None


def answer_of(check: str, answers: Iterable[str]) -> str | None:
    """The answer that a check is about: `test_<name>` or `test_<name>_<aspect>`."""
    name = check.removeprefix("test_")
    fitting = [a for a in answers if name == a or name.startswith(f"{a}_")]
    return max(fitting, key=len, default=None)


# ---- the instructor's version --------------------------------------------------------------------


@dataclass(frozen=True)
class Template:
    """One notebook as the instructor wrote it: order, metadata, hidden tests, and empty answers."""

    name: str
    cells: tuple[NotebookNode, ...]
    released: Mapping[str, str]  # grade_id -> the text students were given
    metadata: NotebookNode

    @classmethod
    def of(
        cls, name: str, release: NotebookNode, sources: Mapping[str, tuple[str, str | None]]
    ) -> Template:
        """`release`: the students' notebook; `sources`: grade_id -> (source, checksum) as the
        gradebook has them, hidden tests included."""
        cells, released = [], {}
        for cell in deepcopy(release.cells):
            grade_id = grade_id_of(cell)
            if grade_id is not None:
                released[grade_id] = cell.source
                if grade_id in sources:
                    cell.source, checksum = sources[grade_id]
                    cell.metadata.nbgrader["checksum"] = checksum
            cells.append(cell)
        metadata = {k: v for k, v in release.metadata.items() if k == "kernelspec"}
        return cls(name, tuple(cells), released, nbformat.from_dict(metadata))

    def graded(self) -> dict[str, NotebookNode]:
        """Every cell that has a grade_id, in order."""
        return {g: cell for cell in self.cells if (g := grade_id_of(cell)) is not None}

    def checks(self) -> dict[str, float]:
        """Points of every check cell."""
        return {
            grade_id: float(cell.metadata.nbgrader["points"])
            for grade_id, cell in self.graded().items()
            if role_of(cell) == "check"
        }

    def empty(self, why: str) -> NotebookNode:
        """The notebook with nothing answered: stands in for a file that could not be used."""
        notebook = nbformat.v4.new_notebook(metadata=deepcopy(self.metadata))
        notebook.cells = [new_markdown_cell(f"**Not graded.** {why}"), *deepcopy(list(self.cells))]
        return notebook


# ---- reading -------------------------------------------------------------------------------------


def read_notebook(data: bytes, name: str) -> tuple[NotebookNode, list[str]]:
    """A notebook from the bytes of a submitted file, without outputs, and notes on what was odd.

    `name` is how messages call the file. Raises `Unreadable`.
    """
    notes: list[str] = []
    raw = _parse(_decode(data, name, notes), data, name)
    major = raw.get("nbformat", 4)
    if isinstance(major, int) and major < 4:
        try:
            # Clean cells first: the converter trusts them.
            raw = json.loads(nbformat.writes(nbformat.reads(json.dumps(raw), as_version=4)))
        except Exception as error:
            raise Unreadable(
                f"{name} is in notebook format {major} and cannot be converted "
                f"({type(error).__name__}); {_SEND_AGAIN}."
            ) from None
        notes.append(f"The file was in the old notebook format {major}; it was converted.")
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise Unreadable(f"{name} is JSON but not a notebook (no list of cells); {_SEND_AGAIN}.")
    if len(cells) > MAX_CELLS:
        raise Unreadable(
            f"{name} has {len(cells)} cells, more than {MAX_CELLS}; ask for a notebook with "
            "only the lesson's cells in it."
        )
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [_clean(cell) for cell in cells if isinstance(cell, dict)]
    if len(notebook.cells) < len(cells):
        notes.append("Some entries of the file were no cells; they were left out.")
    return notebook, notes


def _decode(data: bytes, name: str, notes: list[str]) -> str:
    if not data.strip():
        raise Unreadable(f"{name} is empty; {_SEND_AGAIN}.")
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"{name} is {len(data) >> 20} MiB, more than {MAX_BYTES >> 20} MiB; clear its outputs "
            "in Jupyter (Edit > Clear Outputs of All Cells) and hand it in again."
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        notes.append("The file was saved as UTF-16 instead of UTF-8; it was converted.")
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append("The file holds bytes that are not UTF-8; each became the sign \ufffd.")
        return data.decode("utf-8-sig", errors="replace")


def _parse(text: str, data: bytes, name: str) -> dict[str, Any]:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        start = data.lstrip()[:9]
        kind = next((k for sign, k in _LOOKS_LIKE.items() if start.startswith(sign)), None)
        if kind is not None:
            why = f"it is {kind}"
        elif "<<<<<<< " in text:
            why = "it holds the marks of a git merge conflict"
        elif isinstance(error, json.JSONDecodeError):
            why = f"its JSON is damaged in line {error.lineno}: {error.msg}"
        else:
            why = "its JSON is damaged"
        raise Unreadable(f"{name} is not a notebook ({why}); {_SEND_AGAIN}.") from None
    if not isinstance(raw, dict):
        raise Unreadable(f"{name} is JSON but not a notebook; {_SEND_AGAIN}.")
    return raw


def _clean(raw: dict[str, Any]) -> NotebookNode:
    """A well-formed cell without outputs; of its metadata only what is needed to place it."""
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    source = source if isinstance(source, str) else ""
    source = source.encode("utf-8", "replace").decode()  # a lone surrogate cannot be written
    kind = raw.get("cell_type")
    if kind not in ("code", "markdown"):
        kind = "raw"
    # Not nbformat's new_code_cell: that validates each cell, which takes most of the time.
    cell = NotebookNode(id=uuid4().hex[:8], cell_type=kind, metadata=NotebookNode(), source=source)
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    meta = raw.get("metadata")
    meta = meta if isinstance(meta, dict) else {}
    if isinstance(meta.get("nbgrader"), dict):
        cell.metadata["nbgrader"] = nbformat.from_dict(meta["nbgrader"])
    tags = meta.get("tags")
    if isinstance(tags, list) and "raises-exception" in tags:
        cell.metadata["tags"] = ["raises-exception"]
    if kind == "markdown" and isinstance(raw.get("attachments"), dict):
        cell["attachments"] = nbformat.from_dict(raw["attachments"])
    if isinstance(raw.get("id"), str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", raw["id"]):
        cell.id = raw["id"]
    return cell


def recognise(notebook: NotebookNode, lessons: Mapping[str, Template], own: str) -> str | None:
    """The lesson this notebook is of, when it is clearly not `own`; else None."""
    found = {grade_id_of(cell) for cell in notebook.cells} | {cell.id for cell in notebook.cells}
    ids = {name: set(template.graded()) for name, template in lessons.items()}
    counts = Counter(grade_id for known in ids.values() for grade_id in known)
    hits = {name: sum(counts[i] == 1 for i in known & found) for name, known in ids.items()}
    best = max(hits, key=lambda name: hits[name], default=own)
    return best if hits.get(best) and not hits.get(own) else None


# ---- repair --------------------------------------------------------------------------------------


@dataclass
class Repaired:
    """A submission with the instructor's cells in place, and what had to be done for it."""

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)


def repair(submitted: NotebookNode, template: Template) -> Repaired:
    """Put the instructor's cells back: identity, kind, order, metadata, locked text.

    What the student wrote is kept, wherever it stands; `submitted` is not changed.
    """
    work = _Repair(template, [deepcopy(cell) for cell in submitted.cells])
    work.find()
    work.restore()
    cells = work.in_order()
    taken: set[str] = set()
    for cell in cells:
        if cell.id in taken:
            cell.id = nbformat.v4.new_code_cell().id
        taken.add(cell.id)
    notebook = nbformat.v4.new_notebook(metadata=deepcopy(template.metadata), cells=cells)
    return Repaired(notebook, work.notes)


class _Repair:
    """One repair, step by step. Cells are known by their position in the submission."""

    def __init__(self, template: Template, cells: list[NotebookNode]) -> None:
        self.template, self.cells = template, cells
        self.graded = template.graded()
        self.notes: list[str] = []
        self.found: dict[str, int] = {}  # grade_id -> position
        self.dropped: set[int] = set()  # copies that hold no work
        self.free = set(range(len(cells)))  # not yet recognised

    # -- which cell is which

    def find(self) -> None:
        claims: dict[str, list[int]] = {}
        for position, cell in enumerate(self.cells):
            grade_id = grade_id_of(cell)
            if grade_id in self.graded:
                claims.setdefault(grade_id, []).append(position)
                self.free.discard(position)
        for grade_id, positions in claims.items():
            self.found[grade_id] = self._one_of(grade_id, positions)
        for grade_id, wanted in self.graded.items():
            if grade_id not in self.found:
                place = self._by_id(wanted)
                if place is None:
                    place = self._by_content(grade_id, wanted)
                if place is not None:
                    self._take(grade_id, place)
        for grade_id, wanted in self.graded.items():
            if grade_id not in self.found and role_of(wanted) == "written":
                place = self._between_neighbours(grade_id)
                if place is not None:
                    self._take(grade_id, place)

    def _take(self, grade_id: str, position: int) -> None:
        self.found[grade_id] = position
        self.free.discard(position)
        self.notes.append(f"The cell {grade_id} had lost its label; it was found by its content.")

    def _by_id(self, wanted: NotebookNode) -> int | None:
        return next((p for p in sorted(self.free) if self.cells[p].id == wanted.id), None)

    def _by_content(self, grade_id: str, wanted: NotebookNode) -> int | None:
        given = _normal(self.template.released[grade_id])
        free = sorted(self.free)
        for position in free:
            if given and _normal(self.cells[position].source) == given:
                return position
        if role_of(wanted) == "answer":
            defining = [p for p in free if _defines(self.cells[p].source, grade_id)]
            if defining:
                return defining[-1]  # as in "Run all", the last one counts
        if role_of(wanted) in ("setup", "check"):
            lines = set(given.splitlines())
            near = {p: len(lines & set(_normal(self.cells[p].source).splitlines())) for p in free}
            first = sorted(free, key=lambda p: -near[p])[:MAX_LIKE]
            likeness = {p: _likeness(self.cells[p].source, given) for p in first}
            best = max(likeness, key=lambda p: likeness[p], default=None)
            if best is not None and likeness[best] >= LIKE:
                return best
        return None

    def _between_neighbours(self, grade_id: str) -> int | None:
        """A written answer shares no text with its stub: take the one text cell at its place."""
        order = list(self.graded)
        index = order.index(grade_id)
        before = max((self.found[g] for g in order[:index] if g in self.found), default=-1)
        after = min(
            (self.found[g] for g in order[index + 1 :] if g in self.found), default=len(self.cells)
        )
        lesson = {_normal(cell.source) for cell in self.template.cells}
        texts = [
            position
            for position in sorted(self.free)
            if before < position < after
            and self.cells[position].cell_type != "code"
            and _normal(self.cells[position].source) not in lesson
            and self.cells[position].source.strip()
        ]
        return texts[0] if len(texts) == 1 else None

    # -- several cells that claim to be the same one

    def _one_of(self, grade_id: str, positions: list[int]) -> int:
        if len(positions) == 1:
            return positions[0]
        count = f"The cell {grade_id} was in the notebook {len(positions)} times; "
        given = {_normal(self.template.released[grade_id]), _normal(self.graded[grade_id].source)}
        worked = [p for p in positions if _normal(self.cells[p].source) not in given]
        kind = role_of(self.graded[grade_id])
        if kind in ("setup", "check"):
            self._release(set(positions[1:]) & set(worked))
            self.dropped |= set(positions[1:]) - set(worked)
            self.notes.append(count + "the instructor's copy was used once.")
            return positions[0]
        keep = worked or positions[:1]
        self.dropped |= set(positions) - set(keep)
        if len(keep) == 1:
            self.notes.append(count + "the one with the student's work was kept.")
            return keep[0]
        sources = [self.cells[p].source for p in keep]
        if kind == "written" or self._is_split(sources):
            joined = "\n\n" if kind == "written" else "\n"
            self.cells[keep[0]].source = joined.join(dict.fromkeys(sources))
            self.dropped |= set(keep[1:])
            self.notes.append(count + "its parts were joined.")
            return keep[0]
        defining = [p for p in keep if _defines(self.cells[p].source, grade_id)]
        chosen = (defining or keep)[-1]
        self._release(set(keep) - {chosen})
        self.notes.append(count + "all run, and the last one counts.")
        return chosen

    @staticmethod
    def _is_split(sources: Sequence[str]) -> bool:
        """Cut inside a function: the parts are no Python, together they are."""
        return not all(map(_parses, sources)) and _parses("\n".join(sources))

    def _release(self, positions: set[int]) -> None:
        for position in positions:
            self.cells[position].metadata.pop("nbgrader", None)
        self.free |= positions

    # -- what the cells must be

    def restore(self) -> None:
        for position, cell in enumerate(self.cells):
            if position in self.found.values() or not cell.metadata.pop("nbgrader", None):
                continue
            if position in self.free:
                self.notes.append(
                    "A cell that is not part of the lesson carried grading labels; "
                    "they were removed."
                )
        for grade_id, position in self.found.items():
            self.cells[position] = self._restored(grade_id, self.cells[position])
        # The order of repairs below is the order of the lesson.
        for grade_id, wanted in self.graded.items():
            if grade_id in self.found:
                continue
            if role_of(wanted) == "answer":
                self.notes.append(f"The answer cell {grade_id} is missing and was not found.")
            else:
                self.notes.append(f"The cell {grade_id} had been deleted; it was put back.")

    def _restored(self, grade_id: str, cell: NotebookNode) -> NotebookNode:
        wanted = self.graded[grade_id]
        if cell.cell_type != wanted.cell_type:
            self.notes.append(
                f"The cell {grade_id} had been turned into a {cell.cell_type} cell; "
                f"it is a {wanted.cell_type} cell again."
            )
        theirs = cell.metadata.get("nbgrader", {})
        if "points" in theirs and theirs["points"] != wanted.metadata.nbgrader.get("points"):
            self.notes.append(f"The points of {grade_id} had been changed; they were restored.")
        good = deepcopy(wanted)
        if wanted.metadata.nbgrader.get("solution"):
            good.source = cell.source
            if cell.cell_type == wanted.cell_type and "attachments" in cell:
                good["attachments"] = cell["attachments"]
        elif _normal(cell.source) not in (
            _normal(wanted.source),
            _normal(self.template.released[grade_id]),
        ):
            self.notes.append(
                f"The locked cell {grade_id} had been edited; the instructor's copy was used."
            )
        return good

    # -- where they stand

    def in_order(self) -> list[NotebookNode]:
        rank = {grade_id: index for index, grade_id in enumerate(self.graded)}
        standing = sorted(self.found, key=lambda grade_id: self.found[grade_id])
        stay = set(_longest_increasing([rank[g] for g in standing]))
        moved = [g for g in standing if rank[g] not in stay]
        for grade_id in moved:
            self.notes.append(f"The cell {grade_id} had been moved; it was put back in its place.")
        away = self.dropped | {self.found[g] for g in moved}
        cells = [c for p, c in enumerate(self.cells) if p not in away]
        back = {g: self.cells[self.found[g]] for g in moved}
        for grade_id, wanted in self.graded.items():
            if grade_id in back:
                self._insert(cells, back[grade_id])
            elif grade_id not in self.found and role_of(wanted) != "answer":
                self._insert(cells, deepcopy(wanted))
        return cells

    def _insert(self, cells: list[NotebookNode], cell: NotebookNode) -> None:
        """Before the next of the lesson's cells that is there, else after the one before."""
        lesson = [_identity(c) for c in self.template.cells]
        here = lesson.index(_identity(cell))
        places: dict[str, int] = {}
        for place, standing in enumerate(cells):
            places.setdefault(_identity(standing), place)
        before = max((places[i] for i in lesson[:here] if i in places), default=-1)
        for identity in lesson[here + 1 :]:
            if places.get(identity, -1) > before:
                cells.insert(places[identity], cell)
                return
        cells.insert(before + 1, cell)


def _identity(cell: NotebookNode) -> str:
    return grade_id_of(cell) or f"{cell.cell_type}:{_normal(cell.source)}"


def _normal(source: str) -> str:
    lines = (line.rstrip() for line in source.strip().splitlines())
    return "\n".join(line for line in lines if line)


def _likeness(a: str, b: str) -> float:
    matcher = SequenceMatcher(None, _normal(a)[:5000], b[:5000], autojunk=False)
    # The quick bounds spare the quadratic comparison for nearly all pairs.
    if matcher.real_quick_ratio() < LIKE or matcher.quick_ratio() < LIKE:
        return 0.0
    return matcher.ratio()


def _python(source: str) -> ast.Module | None:
    # Not IPython's own transformer: it takes minutes for a long cell with hundreds of magics, and
    # this runs in the grader itself.
    if len(source) > MAX_SOURCE or source.lstrip().startswith("%%"):
        return None
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parses(source: str) -> bool:
    return _python(source) is not None


def _defines(source: str, name: str) -> bool:
    return name in source and name in _names(source)  # parsing is slow, looking is not


def _names(source: str) -> set[str]:
    """The names that a cell defines at its top level."""
    tree = _python(source)
    if tree is None:
        return set(re.findall(r"^(?:def|class)\s+(\w+)", source, re.MULTILINE))
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return names


def _longest_increasing(ranks: Sequence[int]) -> list[int]:
    """The longest run of cells that already stand in the lesson's order."""
    ends: list[int] = []  # smallest last rank of a run of each length
    before: dict[int, int | None] = {}
    for rank in ranks:
        place = bisect_left(ends, rank)
        before[rank] = ends[place - 1] if place else None
        ends[place : place + 1] = [rank]
    run: list[int] = []
    at = ends[-1] if ends else None
    while at is not None:
        run.append(at)
        at = before[at]
    return run
