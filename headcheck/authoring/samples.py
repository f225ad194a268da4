"""Sample submissions: a small Python file of answers becomes a student's notebook.

    python -m headcheck.authoring.samples tests/class submitted

The form is described at the end of docs/authoring.md. Everything that is not in the file is the
reference solution, so that a file shows one mistake and nothing else.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from headcheck.authoring.release import reference, to_bytes
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.course.files import write_whole

WRITTEN = "I compared two models, counted their layers, and saw that the answer depends on what one counts."
# A thousand headers are read at a time: in C, where PyYAML has that.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNITS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}
DUE_FILE = "due.yaml"  # beside the students' folders: lesson -> when it is due
IN_TIME = timedelta(hours=5)  # how long before that everybody else hands in


class SampleError(CourseError):
    """A sample file that cannot be used: one sentence naming it and the remedy."""


@dataclass(frozen=True)
class Sample:
    """One sample submission. `cells` maps a title (`create_head`, `after create_head`) to its code."""

    path: Path
    what: str
    lesson: str
    loses: tuple[str, ...] | None  # None: all of them
    earns: Mapping[str, float] = field(default_factory=dict)
    base: str = "reference"
    late: timedelta | None = None
    damage: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = None
    header: Mapping[str, Any] = field(default_factory=dict)  # everything else, for whoever needs it
    cells: Sequence[tuple[str, str]] = ()

    @property
    def student(self) -> str:
        """`<student>/<lesson>.py` is a student's file; any other file is a student of its own."""
        return self.path.parent.name if self.path.stem == self.lesson else self.path.stem

    def expected(self, points: Mapping[str, float]) -> dict[str, float]:
        """The score of each check, given what each is worth.

        Raises `SampleError` when the file names a check that the lesson does not have.
        """
        for name in [*(self.loses or ()), *self.earns]:
            if name not in points:
                raise SampleError(
                    f"{self.path}: {self.lesson} has no check {name}; it has {', '.join(points)}."
                )
        lost = points.keys() if self.loses is None else set(self.loses)
        return {
            name: float(self.earns.get(name, 0.0 if name in lost else most))
            for name, most in points.items()
        }


# ---- reading ------------------------------------------------------------------------------------

_KNOWN = {"what", "lesson", "loses", "earns", "base", "late", "damage", "files", "folder", "edits"}
_NOTEBOOKS = ("reference", "release")


def read(path: Path) -> Sample:
    """A sample file; `SampleError` when its header does not say what it must."""
    try:
        text = path.read_text(encoding="utf-8")
        header = yaml.load(ast.get_docstring(_head(text)) or "", Loader=_LOADER)
    except (OSError, SyntaxError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise SampleError(
            f"{path}: its docstring cannot be read as YAML ({why}); a text with : or ` in it goes in "
            "quotes."
        ) from None
    if not isinstance(header, dict):
        raise SampleError(f'{path}: it must begin with a docstring like """what: ...""".')
    for key in ("what", "lesson"):
        if not isinstance(header.get(key), str):
            raise SampleError(f"{path}: its docstring must say `{key}: ...`.")
    loses = header.get("loses", [])
    if loses != "all" and not isinstance(loses, list):
        raise SampleError(f"{path}: `loses` is a list of checks, or all.")
    base = header.get("base", "reference")
    cells = tuple(_cells(text))
    if base not in _NOTEBOOKS:
        of_base = _variant(path, header["lesson"], str(base))
        cells = (*_edited(path, of_base.cells, header.get("edits")), *cells)
        base = of_base.base
    elif "edits" in header:
        raise SampleError(f"{path}: `edits` are of a variant; name it with `base`.")
    return Sample(
        path=path,
        what=header["what"],
        lesson=header["lesson"],
        loses=None if loses == "all" else tuple(loses),
        earns=header.get("earns") or {},
        base=base,
        late=_duration(path, header["late"]) if "late" in header else None,
        damage=tuple(header.get("damage") or ()),
        files=header.get("files") or {},
        folder=header.get("folder"),
        header={key: value for key, value in header.items() if key not in _KNOWN},
        cells=cells,
    )


def _variant(path: Path, lesson: str, name: str) -> Sample:
    """The right answer that a mutant changes: `variants/<lesson>/<name>.py` beside its folder."""
    for folder in path.parents:
        found = folder / "variants" / lesson / f"{name}.py"
        if found.is_file() and found != path:
            return read(found)
    raise SampleError(
        f"{path}: `base` is reference, release or a variant of {lesson}; there is no {name!r}."
    )


def _edited(
    path: Path, cells: Sequence[tuple[str, str]], edits: object
) -> Iterator[tuple[str, str]]:
    """The variant's cells after the edits, each of which must fit in exactly one place."""
    changed = [[title, body] for title, body in cells]
    for edit in edits if isinstance(edits, list) else [None]:
        if not isinstance(edit, dict) or not {"replace", "with"} >= set(edit) >= {"replace"}:
            raise SampleError(f"{path}: `edits` is a list of `replace: ...` with `with: ...`.")
        old, new = str(edit["replace"]), str(edit.get("with") or "")
        places = [cell for cell in changed for _ in range(cell[1].count(old))]
        if len(places) != 1:
            raise SampleError(
                f"{path}: {old!r} stands in its base {len(places)} times, and must stand there once."
            )
        places[0][1] = places[0][1].replace(old, new)
    yield from ((title, body) for title, body in changed)


def _head(text: str) -> ast.Module:
    """The part before the first cell: cells may be anything, also no Python at all."""
    return ast.parse(re.split(r"(?m)^# %%", text, maxsplit=1)[0])


def _cells(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"(?m)^# %%[ \t]*(.*)$", text)
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        yield title.strip(), body.strip("\n")


def _duration(path: Path, text: object) -> timedelta:
    found = re.fullmatch(r"(\d+) (minute|hour|day|week)s?", str(text))
    if not found:
        raise SampleError(f"{path}: `late` is a duration such as 2 days, not {text!r}.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def read_folder(folder: Path) -> list[Sample]:
    """Every sample file below a folder, in order of their paths."""
    if not folder.is_dir():
        raise SampleError(f"{folder} is not a folder of sample files.")
    return [read(path) for path in sorted(folder.rglob("*.py")) if not _is_extra(path)]


def _is_extra(path: Path) -> bool:
    """Extra files of a sample lie in a folder `<name>.files`; they are no samples."""
    return any(part.endswith(".files") or part == "__pycache__" for part in path.parts)


# ---- composing ----------------------------------------------------------------------------------


def compose(sample: Sample, course: Course) -> dict[str, bytes]:
    """The files that this student hands in, by their names."""
    try:
        lesson = course.select([sample.lesson])[0]
    except CourseError as error:
        raise SampleError(f"{sample.path}: {error}") from None
    if not lesson.release.exists():
        raise SampleError(
            f"{sample.path}: {lesson.name} is not built; run `headcheck build` first."
        )
    notebook = _answered(sample, lesson)
    names = {lesson.release.name: b""}
    for order in sample.damage:
        _damage(sample, notebook, order, names)
    (name,) = names
    data = to_bytes(notebook)
    for order in sample.damage:
        data = _damage_bytes(order, data)
    files = {name: data}
    if sample.folder:
        extra = sample.path.parent / sample.folder
        for path in sorted(extra.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                files[path.relative_to(extra).as_posix()] = path.read_bytes()
    files |= {name: text.encode() for name, text in sample.files.items()}
    return files


def _answered(sample: Sample, lesson: Lesson) -> NotebookNode:
    notebook = nbformat.read(lesson.release, as_version=4)
    if sample.base == "reference":
        for cell, source in _solutions(lesson, notebook):
            cell.source = source
    for number, (title, source) in enumerate(sample.cells):
        _place(sample, notebook, title, source, f"student-{number}")
    return notebook


def _solutions(lesson: Lesson, notebook: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    solved = _reference_sources(lesson, lesson.read_text())
    for cell in notebook.cells:
        if role_of(cell) == "answer":
            lines = solved[grade_id_of(cell)].splitlines()
            yield cell, "\n".join(line for line in lines if not _is_marker(line))
        elif role_of(cell) == "written":
            yield cell, WRITTEN


@lru_cache(maxsize=16)
def _reference_sources(lesson: Lesson, text: str) -> dict[str | None, str]:
    # `text` is here so that an edited lesson is read again.
    return {grade_id_of(cell): cell.source for cell in reference(lesson).cells}


def _is_marker(line: str) -> bool:
    return re.search(r"\b(BEGIN|END) SOLUTION\b", line) is not None


def _place(sample: Sample, notebook: NotebookNode, title: str, source: str, cell_id: str) -> None:
    where, _, name = title.rpartition(" ")
    new = new_code_cell(source, id=cell_id)
    if where not in ("", "before", "after"):
        raise SampleError(
            f"{sample.path}: `# %% {title}` is not understood; a cell is titled with a grade_id, "
            "`before <grade_id>`, `after <grade_id>` or `extra`."
        )
    if title == "extra":
        notebook.cells.append(new)
        return
    position = _find(sample, notebook, name)
    if where:
        notebook.cells.insert(position + (where == "after"), new)
    else:
        notebook.cells[position].source = _text(source, notebook.cells[position])


def _text(source: str, cell: NotebookNode) -> str:
    """Text of a written answer may stand in comments, as jupytext writes it."""
    if cell.cell_type == "code":
        return source
    return "\n".join(re.sub(r"^# ?", "", line) for line in source.splitlines())


def _find(sample: Sample, notebook: NotebookNode, name: str) -> int:
    for position, cell in enumerate(notebook.cells):
        if grade_id_of(cell) == name:
            return position
    known = [grade_id for cell in notebook.cells if (grade_id := grade_id_of(cell))]
    raise SampleError(
        f"{sample.path}: {sample.lesson} has no cell {name}; it has {', '.join(known)}."
    )


# ---- damage that happens to notebooks in real life ----------------------------------------------


def _damage(sample: Sample, notebook: NotebookNode, order: str, names: dict[str, bytes]) -> None:
    what, _, rest = order.partition(" ")
    cells = notebook.cells
    if what == "rename":
        names.clear()
        names[rest] = b""
        return
    if what in _BYTES:
        return
    if what not in _CELLS:
        raise SampleError(
            f"{sample.path}: damage {order!r} is not known; there are "
            f"{', '.join(sorted([*_CELLS, *_BYTES, 'rename']))}."
        )
    position = _find(sample, notebook, rest)
    _CELLS[what](cells, position)


def _delete(cells: list[NotebookNode], position: int) -> None:
    del cells[position]


def _duplicate(cells: list[NotebookNode], position: int) -> None:
    """Copied and pasted in Jupyter: the metadata goes along, the cell id is new."""
    copy = deepcopy(cells[position])
    copy.id = f"{copy.id}-copy"
    cells.insert(position + 1, copy)


def _retype(cells: list[NotebookNode], position: int) -> None:
    """The wrong key pressed: a code cell becomes a text cell, and the other way round."""
    cell = cells[position]
    new = nbformat.v4.new_markdown_cell if cell.cell_type == "code" else new_code_cell
    cells[position] = new(cell.source, metadata=cell.metadata, id=cell.id)


def _move(cells: list[NotebookNode], position: int) -> None:
    cells.append(cells.pop(position))


def _strip(cells: list[NotebookNode], position: int) -> None:
    """Saved by a tool that does not know nbgrader: its metadata is gone."""
    cells[position].metadata.pop("nbgrader", None)


def _split(cells: list[NotebookNode], position: int) -> None:
    """Split in Jupyter at the middle: both halves carry the same metadata."""
    lines = cells[position].source.splitlines()
    _duplicate(cells, position)
    half = len(lines) // 2
    cells[position].source = "\n".join(lines[:half])
    cells[position + 1].source = "\n".join(lines[half:])


def _unclose(cells: list[NotebookNode], position: int) -> None:
    """A typing error: the last closing bracket is missing, so that the cell is no Python."""
    before, _, after = cells[position].source.rpartition(")")
    cells[position].source = before + after


_CELLS: dict[str, Callable[[list[NotebookNode], int], None]] = {
    "delete": _delete,
    "duplicate": _duplicate,
    "retype": _retype,
    "move": _move,
    "strip": _strip,
    "split": _split,
    "unclose": _unclose,
}
_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "truncate": lambda data: data[: len(data) // 2],  # the upload broke off
    "empty": lambda data: b"",
    "bom": lambda data: b"\xef\xbb\xbf" + data,
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
}


def _damage_bytes(order: str, data: bytes) -> bytes:
    change = _BYTES.get(order.split()[0])
    return change(data) if change else data


# ---- a whole class ------------------------------------------------------------------------------


def due_dates(folder: Path) -> dict[str, datetime]:
    """When each lesson is due, from `due.yaml`; empty when there is none."""
    file = folder / DUE_FILE
    if not file.exists():
        return {}
    found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    for lesson, when in found.items():
        if not isinstance(when, datetime):
            raise SampleError(
                f"{file}: {lesson} needs a date and time such as 2026-10-05 18:00:00."
            )
    return {lesson: when.replace(tzinfo=UTC) for lesson, when in found.items()}


def compose_class(folder: Path, submitted: Path, course: Course) -> list[Sample]:
    """Hand in everything a class has written: `submitted/<student>/<lesson>/`.

    Tells the gradebook when the lessons are due. What is already handed in under the same names
    is replaced; nothing else in `submitted` is touched.
    """
    samples, due = read_folder(folder), due_dates(folder)
    ready = [(sample, compose(sample, course)) for sample in samples]
    for sample, files in ready:
        target = submitted / sample.student / sample.lesson
        for name, data in files.items():
            write_whole(target / name, data)
        for path in target.rglob("*"):
            if path.is_file() and path.relative_to(target).as_posix() not in {
                *files,
                "timestamp.txt",
            }:
                path.unlink()
        if sample.lesson in due:
            handed_in = due[sample.lesson] + (sample.late or -IN_TIME)
            stamp = handed_in.strftime("%Y-%m-%d %H:%M:%S %Z")
            write_whole(target / "timestamp.txt", f"{stamp}\n".encode())
        elif sample.late:
            raise SampleError(
                f"{sample.path} is late, but {folder / DUE_FILE} has no {sample.lesson}."
            )
    _set_due_dates(course, {sample.lesson for sample in samples}, due)
    return samples


def _set_due_dates(course: Course, lessons: set[str], due: Mapping[str, datetime]) -> None:
    if not lessons & due.keys():
        return
    from nbgrader.api import Gradebook

    from headcheck.grading.database import in_words, patient

    name = str(course.config.CourseDirectory.course_id)
    with in_words(course), Gradebook(patient(course.db_url), name) as gradebook:
        for lesson in sorted(lessons & due.keys()):
            # nbgrader keeps times in UTC without saying so.
            gradebook.update_or_create_assignment(lesson, duedate=due[lesson].replace(tzinfo=None))


def _only_of(folder: Path, submitted: Path) -> None:
    """Refuse to put invented students among real ones."""
    invented = {sample.student for sample in read_folder(folder)}
    found = {p.name for p in submitted.glob("*") if p.is_dir() and not p.name.startswith(".")}
    if real := sorted(found - invented):
        names = ", ".join(real[:3]) + (", ..." if len(real) > 3 else "")
        raise SampleError(
            f"{submitted} holds students who are not in {folder} ({names}). This would mix an "
            "invented class with theirs; hand it in to a copy of the course: "
            "python -m headcheck.authoring.demo demo"
        )


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2:
        print(
            "usage: python -m headcheck.authoring.samples CLASS_FOLDER SUBMITTED_FOLDER",
            file=sys.stderr,
        )
        return 2
    folder, submitted = map(Path, arguments)
    try:
        _only_of(folder, submitted)
        samples = compose_class(folder, submitted, Course.open(submitted.resolve().parent))
    except CourseError as error:
        print(f"headcheck.authoring.samples: {error}", file=sys.stderr)
        return 2
    students = {sample.student for sample in samples}
    print(f"{len(samples)} submissions of {len(students)} students are in {submitted}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
