"""How a damaged submission is put right: the instructor's cells in place, the student's work kept.

A repair leaves a sentence for the TA in `notes`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import nbformat
from nbformat import NotebookNode

from headcheck.cellcode import binds, defines, parses
from headcheck.course.cells import Template, grade_id_of, released_like_this, role_of
from headcheck.course.written import gather_written

MAX_LIKE = 5  # cells that are compared with one that was lost
LIKE = 0.75  # how alike two texts are when one is taken for an edited copy of the other


@dataclass
class Repaired:
    """A submission with the instructor's cells in place, and what had to be done for it."""

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)


def repair(submitted: NotebookNode, template: Template) -> Repaired:
    """Put the instructor's cells back: identity, kind, order, metadata, locked text.

    What the student wrote is kept, wherever it stands; `submitted` is not changed.
    """
    cells = [deepcopy(cell) for cell in submitted.cells]
    work = _Repair(template, cells, _given_out(submitted))
    work.find()
    work.restore()
    cells = work.in_order()
    work.notes += gather_written(cells, template)
    order = [g for cell in cells if (g := grade_id_of(cell)) is not None]
    if order != [g for g in template.graded() if g in set(order)]:
        raise RuntimeError(f"the repair left graded cells out of the lesson's order: {order}")
    taken: set[str] = set()
    for cell in cells:
        if cell.id in taken:
            cell.id = nbformat.v4.new_code_cell().id
        taken.add(cell.id)
    notebook = nbformat.v4.new_notebook(metadata=deepcopy(template.metadata), cells=cells)
    return Repaired(notebook, work.notes)


def _given_out(submitted: NotebookNode) -> frozenset[str] | None:
    """The graded cells of the release that this was made of, as the build noted them in it; None
    when that is not known. A forger may write there what he likes, so it decides about words alone."""
    noted = submitted.metadata.get("headcheck")
    return None if noted is None else frozenset(noted["graded"])


class _Repair:
    """One repair, step by step. Cells are known by their position in the submission."""

    def __init__(
        self, template: Template, cells: list[NotebookNode], given: frozenset[str] | None
    ) -> None:
        self.template, self.cells, self.given = template, cells, given
        self.graded = template.graded()
        self.now_called = {
            cell.metadata["was"]: name
            for name, cell in self.graded.items()
            if isinstance(cell.metadata.get("was"), str) and cell.metadata["was"] not in self.graded
        }
        self.renamed: list[str] = []
        self.gone: list[str] = []  # of their release, and not of today's
        self.notes: list[str] = []
        self.found: dict[str, int] = {}  # grade_id -> position
        self.dropped: set[int] = set()  # copies that hold no work
        self.beside: dict[str, NotebookNode] = {}  # grade_id -> what stands beside it
        self.free = set(range(len(cells)))  # not yet recognised
        self.older: list[str] = []  # as an earlier release had them

    # -- which cell is which

    def find(self) -> None:
        claims: dict[str, list[int]] = {}
        for position, cell in enumerate(self.cells):
            grade_id = grade_id_of(cell)
            if grade_id is not None and grade_id in self.now_called:
                self._call_as_today(cell, grade_id)
                grade_id = self.now_called[grade_id]
            if grade_id in self.graded:
                claims.setdefault(grade_id, []).append(position)
                self.free.discard(position)
        for grade_id, positions in self._rightful(claims).items():
            self.found[grade_id] = self._one_of(grade_id, positions)
        # Answers first: what holds one is not taken for an edited copy of a locked cell.
        for grade_id, wanted in sorted(
            self.graded.items(), key=lambda item: role_of(item[1]) != "answer"
        ):
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

    def _call_as_today(self, cell: NotebookNode, was: str) -> None:
        """A cell of an older release under the name that the instructor has given it since."""
        name = self.now_called[was]
        if name not in self.renamed:
            self.renamed.append(name)
        answer = role_of(self.graded[name]) == "answer" and cell.cell_type == "code"
        if answer and defines(cell.source, was) and not defines(cell.source, name):
            # In a cell of its own: a person's mark is for the text of the answer, which stays.
            why = "its name in the lesson since this was given out"
            self.beside[name] = nbformat.v4.new_code_cell(f"{name} = {was}  # {why}")

    def _rightful(self, claims: dict[str, list[int]]) -> dict[str, list[int]]:
        """The claims without those of cells that hold an answer under another cell's label.

        So it is when a student joins two cells, or copies one to write an answer in it.
        """
        answers = [g for g, wanted in self.graded.items() if role_of(wanted) == "answer"]
        at_home = {
            name
            for name in answers
            if any(defines(self.cells[p].source, name) for p in claims.get(name, ()))
        }
        homeless = [name for name in answers if name not in at_home]
        rightful: dict[str, list[int]] = {}
        for grade_id, positions in claims.items():
            away = {
                p
                for p in positions
                if not (grade_id in at_home and defines(self.cells[p].source, grade_id))
                and not self._as_given(grade_id, self.cells[p].source)
                and any(defines(self.cells[p].source, name) for name in homeless)
            }
            self._release(away)
            if left := [p for p in positions if p not in away]:
                rightful[grade_id] = left
        return rightful

    def _as_given(self, grade_id: str, source: str) -> bool:
        """Whether this is the text of the cell as it was handed out, or as the instructor has it."""
        given = (self.template.released[grade_id], self.graded[grade_id].source)
        return _normal(source) in map(_normal, given)

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
            defining = [p for p in free if defines(self.cells[p].source, grade_id)]
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
        worked = [p for p in positions if not self._as_given(grade_id, self.cells[p].source)]
        kind = role_of(self.graded[grade_id])
        if kind in ("setup", "check"):
            kept = next((p for p in positions if p not in worked), positions[0])
            self._release(set(worked) - {kept})
            self.dropped |= set(positions) - set(worked) - {kept}
            self.notes.append(count + "the instructor's copy was used once.")
            return kept
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
        defining = [p for p in keep if defines(self.cells[p].source, grade_id)]
        chosen = (defining or keep)[-1]
        self._release(set(keep) - {chosen})
        self.notes.append(count + "all run, and the last one counts.")
        return chosen

    @staticmethod
    def _is_split(sources: Sequence[str]) -> bool:
        """Cut inside a function: the parts are no Python, together they are."""
        return not all(map(parses, sources)) and parses("\n".join(sources))

    def _release(self, positions: set[int]) -> None:
        for position in positions:
            self.cells[position].metadata.pop("nbgrader", None)
        self.free |= positions

    # -- what the cells must be

    def restore(self) -> None:
        names = [grade_id_of(cell) or "" for cell in self.cells]
        for position, cell in enumerate(self.cells):
            if position in self.found.values() or not cell.metadata.pop("nbgrader", None):
                continue
            if position in self.free and (name := names[position]) in (self.given or ()):
                if name not in self.graded:
                    self.gone.append(name)
            elif position in self.free:
                self.notes.append(
                    "A cell that is not part of the lesson carried grading labels; "
                    "they were removed."
                )
        for grade_id, position in self.found.items():
            self.cells[position] = self._restored(grade_id, self.cells[position])
        new = [name for name in self.graded if name not in self.found and not self._had(name)]
        since = {
            "changed": [name for name in self.older if name not in self.renamed],
            "renamed": [
                f"{was} to {name}" for was, name in self.now_called.items() if name in self.renamed
            ],
            "added": new,
            "removed": self.gone,
        }
        if any(since.values()):
            which = ", ".join(
                f"{', '.join(dict.fromkeys(names))} {what}"
                for what, names in since.items()
                if names
            )
            self.notes.append(
                f"It was handed in with an older release of the lesson ({which} since); "
                "today's cells and points were used."
            )
        # The order of repairs below is the order of the lesson.
        for grade_id, wanted in self.graded.items():
            if grade_id in self.found:
                continue
            if grade_id in new and role_of(wanted) in ("answer", "written"):
                self.notes.append(
                    f"{grade_id} was not asked in the release that this student had: its points are for "
                    "you to decide."
                )
            elif grade_id in new:
                continue  # it was said, and nobody's doing
            elif role_of(wanted) == "answer":
                self.notes.append(f"The answer cell {grade_id} is missing and was not found.")
            elif self.older:
                self.notes.append(f"The cell {grade_id} was not in it; it was put in.")
            else:
                self.notes.append(f"The cell {grade_id} had been deleted; it was put back.")

    def _had(self, grade_id: str) -> bool:
        """Whether the release that this was made of had this cell; yes, when that is not known."""
        return self.given is None or grade_id in self.given

    def _restored(self, grade_id: str, cell: NotebookNode) -> NotebookNode:
        wanted = self.graded[grade_id]
        if cell.cell_type != wanted.cell_type:
            self.notes.append(
                f"The cell {grade_id} had been turned into a {cell.cell_type} cell; "
                f"it is a {wanted.cell_type} cell again."
            )
        answered = wanted.metadata.nbgrader.get("solution")
        older = released_like_this(
            cell, self.template.released[grade_id] if answered else cell.source
        )
        theirs = cell.metadata.get("nbgrader", {})
        if "points" in theirs and theirs["points"] != wanted.metadata.nbgrader.get("points"):
            if older:
                self.older.append(grade_id)
            elif wanted.metadata.nbgrader.get("solution") or "checksum" not in theirs:
                self.notes.append(f"The points of {grade_id} are others today; today's count.")
            else:
                self.notes.append(f"The points of {grade_id} had been changed; they were restored.")
        good = deepcopy(wanted)
        if wanted.metadata.nbgrader.get("solution"):
            good.source = cell.source
            if cell.cell_type == wanted.cell_type and "attachments" in cell:
                good["attachments"] = cell["attachments"]
        elif older and not self._as_given(grade_id, cell.source):
            self.older.append(grade_id)
        elif not self._as_given(grade_id, cell.source):
            how = "had been edited" if "checksum" in theirs else "is not as in the lesson"
            note = f"The locked cell {grade_id} {how}; the instructor's copy was used"
            if binds(cell.source) - binds(wanted.source):
                # Their own code may have come there by "merge cells", and answers may need it.
                if cell.cell_type == "code":
                    self.beside[grade_id] = nbformat.v4.new_code_cell(cell.source)
                    note += ", and the student's runs beside it as a cell of their own"
                else:
                    self.beside[grade_id] = nbformat.v4.new_markdown_cell(cell.source)
                    note += ", and what the student wrote there stands beside it as text"
            self.notes.append(f"{note}.")
        return good

    # -- where they stand

    def in_order(self) -> list[NotebookNode]:
        rank = {grade_id: index for index, grade_id in enumerate(self.graded)}
        standing = sorted(self.found, key=lambda grade_id: self.found[grade_id])
        stay = set(_longest_increasing([rank[g] for g in standing]))
        moved = [g for g in standing if rank[g] not in stay]
        how = "stood elsewhere" if self.older or self.renamed or self.gone else "had been moved"
        for grade_id in moved:
            self.notes.append(f"The cell {grade_id} {how}; it was put back in its place.")
        away = self.dropped | {self.found[g] for g in moved}
        cells = [c for p, c in enumerate(self.cells) if p not in away]
        back = {g: self.cells[self.found[g]] for g in moved}
        for grade_id, wanted in self.graded.items():
            if grade_id in back:
                self._insert(cells, back[grade_id])
            elif grade_id not in self.found and role_of(wanted) != "answer":
                self._insert(cells, deepcopy(wanted))
        for place in range(len(cells) - 1, -1, -1):
            theirs = self.beside.get(grade_id_of(cells[place]) or "")
            if theirs is not None:
                cells.insert(place + (role_of(cells[place]) in ("setup", "answer")), theirs)
        return cells

    def _insert(self, cells: list[NotebookNode], cell: NotebookNode) -> None:
        """Between the graded cells that are its neighbours in the lesson.

        There, a setup cell as early as it may: what the student has there needs it. Any other
        before the next of the lesson's cells that is there, else after the one before.
        """
        grade_id = grade_id_of(cell)
        order = list(self.graded)
        here = order.index(grade_id or "")
        standing = {grade_id_of(c): place for place, c in enumerate(cells)}
        first = max((standing[g] + 1 for g in order[:here] if g in standing), default=0)
        last = min((standing[g] for g in order[here + 1 :] if g in standing), default=len(cells))
        lesson = [_identity(c) for c in self.template.cells]
        here = lesson.index(_identity(cell))
        earlier, later = set(lesson[:here]), set(lesson[here + 1 :])
        if role_of(cell) == "setup":
            while first < last and _identity(cells[first]) in earlier:
                first += 1
            cells.insert(first, cell)
            return
        room = range(first, last)
        before = max((p for p in room if _identity(cells[p]) in earlier), default=first - 1)
        after = (p for p in range(before + 1, last) if _identity(cells[p]) in later)
        cells.insert(next(after, before + 1 if last == len(cells) else last), cell)


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
