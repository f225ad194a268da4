"""A notebook from the bytes of a submitted file: only well-formed cells, without outputs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import nbformat
from nbformat import NotebookNode

from headcheck.course.cells import Template, grade_id_of

MAX_BYTES = 100 * 2**20  # the size at which nbgrader itself ignores a file
MAX_CELLS = 5_000
MAX_CODE = 1_000_000  # bytes of one code cell, as JSON writes it
MAX_TEXT = 8 << 20  # the same of a text cell with its pictures
MAX_ALL = 16 << 20  # of all cells together
MAX_LABEL = 200  # characters of a grading label

# How such files begin, in small letters.
_LOOKS_LIKE = {
    b"pk\x03\x04": "a zip archive",
    b"\x1f\x8b": "a packed file (gzip)",
    b"%pdf": "a PDF document",
    b"{\\rtf": "a text document (RTF)",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<?xml": "a shortcut or another file of XML",
    b"[internetshortcut]": "a shortcut to a web page",
    b"http://": "a link to a web page",
    b"https://": "a link to a web page",
    b"version https://git-lfs": "a pointer of Git LFS that stands for a file",
}
_SEND_AGAIN = "hand in the .ipynb file itself, saved in Jupyter and downloaded again"


class Unreadable(ValueError):
    """The file cannot be used as a notebook: one sentence that names it and the remedy."""


def looks_like(data: bytes) -> str:
    """What a file is that is not what it should be, by its first bytes; empty where they tell nothing."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:40].lower()
    return next((kind for sign, kind in _LOOKS_LIKE.items() if start.startswith(sign)), "")


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
            f"{name} has {len(cells)} cells, more than {MAX_CELLS}; hand in a notebook "
            "with only the lesson's cells in it."
        )
    notebook = nbformat.v4.new_notebook()
    if (given := _given_out(raw)) is not None:
        notebook.metadata["headcheck"] = NotebookNode(graded=given)
    notebook.cells = [_clean(cell, notes) for cell in cells if isinstance(cell, dict)]
    _shorten(notebook.cells, notes)
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
        raw = json.loads(text.rstrip("\0"))  # some discs pad what they write
    except (ValueError, RecursionError) as error:
        if kind := looks_like(data):
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


def _given_out(raw: dict[str, Any]) -> list[str] | None:
    """Which graded cells the build noted in the release that this was made of, if it looks like that."""
    about = raw.get("metadata")
    noted = about.get("headcheck") if isinstance(about, dict) else None
    names = noted.get("graded") if isinstance(noted, dict) else None
    if not isinstance(names, list) or len(names) > MAX_CELLS:
        return None
    fits = all(isinstance(name, str) and re.fullmatch(r"\w{1,80}", name) for name in names)
    return names if fits else None


def _clean(raw: dict[str, Any], notes: list[str]) -> NotebookNode:
    """A well-formed cell without outputs; of its metadata only what is needed to place it."""
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    source = source if isinstance(source, str) else ""
    source = _as_utf8(source)
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
        labels = {key: value for key, value in meta["nbgrader"].items() if _is_label(value)}
        cell.metadata["nbgrader"] = NotebookNode(labels)
    tags = meta.get("tags")
    if isinstance(tags, list) and "raises-exception" in tags:
        cell.metadata["tags"] = ["raises-exception"]
    if kind == "markdown" and isinstance(raw.get("attachments"), dict):
        pictures, odd = _attachments(raw["attachments"])
        cell["attachments"] = pictures
        if odd:
            notes.append("Attachments of a text cell that are no pictures or texts were left out.")
    if isinstance(raw.get("id"), str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", raw["id"]):
        cell.id = raw["id"]
    return cell


def _is_label(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_LABEL
    return (
        value is None
        or isinstance(value, bool | float)
        or (isinstance(value, int) and abs(value) < 10**9)
    )


def _attachments(raw: dict[str, Any]) -> tuple[NotebookNode, bool]:
    """name -> type -> text, as the format wants it; whether anything was something else."""
    kept, odd = NotebookNode(), False
    for name, bundle in raw.items():
        texts = NotebookNode()
        for kind, value in bundle.items() if isinstance(bundle, dict) else ():
            if isinstance(value, list) and all(isinstance(part, str) for part in value):
                value = "".join(value)
            if isinstance(value, str):
                texts[_as_utf8(kind)] = _as_utf8(value)
        odd = odd or not isinstance(bundle, dict) or len(texts) < len(bundle)
        if texts:
            kept[_as_utf8(name)] = texts
    return kept, odd


def _as_utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # a lone surrogate cannot be written


def _shorten(cells: list[NotebookNode], notes: list[str]) -> None:
    """Leave out what is too long to be anybody's work: it would cost the neighbours' time."""
    total = 0
    for number, cell in enumerate(cells, start=1):
        size = len(json.dumps([cell.source, cell.get("attachments")]))
        most = MAX_CODE if cell.cell_type == "code" else MAX_TEXT
        if size <= most and total + size <= MAX_ALL:
            total += size
            continue
        why = f"is {size / 1e6:.1f} MB long, over {most / 1e6:g} MB"
        if size <= most:
            why = f"makes all cells together longer than {MAX_ALL / 1e6:.0f} MB"
        notes.append(f"Cell {number} of the file {why}; its content was left out.")
        cell.pop("attachments", None)
        cell.source = f"# Left out by the grader: this cell {why}."


def recognise(notebook: NotebookNode, lessons: Mapping[str, Template], own: str) -> str | None:
    """The lesson this notebook is of, when it is clearly not `own`; else None."""
    found = {grade_id_of(cell) for cell in notebook.cells} | {cell.id for cell in notebook.cells}
    ids = {name: set(template.graded()) for name, template in lessons.items()}
    counts = Counter(grade_id for known in ids.values() for grade_id in known)
    hits = {name: sum(counts[i] == 1 for i in known & found) for name, known in ids.items()}
    best = max(hits, key=lambda name: hits[name], default=own)
    return best if hits.get(best) and not hits.get(own) else None
