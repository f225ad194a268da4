"""Which of the notebooks in a submitted folder is the one that was meant.

The one with the right name, unless it is certain that another one was: then that one, with a note.
Between two that were both answered nobody guesses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from nbformat import NotebookNode

from headcheck.course.cells import Template, grade_id_of, role_of
from headcheck.course.files import digest
from headcheck.course.reading import Unreadable, read_notebook, recognise
from headcheck.course.repair import repair
from headcheck.grading.find import ARCHIVES, few


@dataclass(frozen=True)
class Candidate:
    """A notebook of the lesson in the folder, and what was answered in it."""

    name: str
    answers: Mapping[str, str]  # grade_id -> what was written there

    @property
    def what(self) -> str:
        """Equal for two copies of the same work."""
        return digest(part for item in sorted(self.answers.items()) for part in item)


@dataclass(frozen=True)
class Choice:
    """The notebook to grade, and what the TA should know of it."""

    name: str
    notes: tuple[str, ...] = ()


class Unclear(ValueError):
    """No notebook can be chosen: a sentence for the student, and one for the TA."""

    def __init__(self, message: str, note: str) -> None:
        super().__init__(message)
        self.message, self.note = message, note


def choose(
    lesson: str,
    notebooks: Mapping[str, bytes],
    templates: Mapping[str, Template],
    beside: Sequence[str] = (),
) -> Choice:
    """Choose among `notebooks`, by path. `beside`: names of the other files, for the sentences.

    Raises `Unclear` when there is none, or more than one that may be meant.
    """
    wanted = f"{lesson}.ipynb"
    packed = [name for name in beside if name.lower().endswith(ARCHIVES)]
    if list(notebooks) == [wanted] and not packed:
        return Choice(wanted)
    template = templates[lesson]
    found = [c for name in notebooks if (c := _candidate(name, notebooks[name], templates, lesson))]
    named = next((c for c in found if c.name == wanted), None)
    answered = {c.what: c for c in reversed(found) if c.answers}
    many = len([c for c in template.graded().values() if role_of(c) in ("answer", "written")])
    if named is not None and (named.answers or not answered):
        others = [c.name for what, c in answered.items() if what != named.what]
        notes = _another(wanted, others)
        return Choice(wanted, notes if named.answers else (*notes, *_packed(wanted, packed)))
    if len(answered) == 1:
        (chosen,) = answered.values()
        if named is not None:
            why = f"nothing was answered in {wanted}, and {len(chosen.answers)} of {many} in it"
        elif wanted in notebooks:
            why = f"{wanted} beside it cannot be used"
        else:
            why = ""
        return Choice(chosen.name, _renamed(wanted, chosen.name, why))
    if len(answered) > 1:
        names = ", ".join(few(sorted(c.name for c in answered.values()), "notebooks"))
        raise Unclear(
            f"{len(answered)} different answered notebooks were handed in ({names}). Hand in the "
            f"one that counts, as {wanted}.",
            f"{len(answered)} different answered notebooks ({names}); none was guessed. Ask which "
            f"one counts, call it {wanted}, and grade again.",
        )
    if wanted in notebooks:
        return Choice(wanted)  # its own trouble is said when it is read
    if found or len(notebooks) == 1:
        name = found[0].name if found else next(iter(notebooks))
        return Choice(name, _renamed(wanted, name, ""))
    lies = ", ".join(few(sorted({*notebooks, *beside}), "files")) or "no file at all"
    raise Unclear(
        f"There is no {wanted} among the files handed in ({lies}). Hand in the notebook itself.",
        f"There is no {wanted} in the folder ({lies}); {_remedy(notebooks, beside, wanted)}.",
    )


def _remedy(notebooks: Mapping[str, bytes], packed: Sequence[str], wanted: str) -> str:
    if notebooks:
        return f"none of these notebooks is of this lesson: ask for {wanted}"
    archives = [name for name in packed if name.lower().endswith(ARCHIVES)]
    if archives:
        return f"it may be in {archives[0]}: unpack that and grade again"
    return "ask for the file or rename it"


def _another(wanted: str, others: Sequence[str]) -> tuple[str, ...]:
    if not others:
        return ()
    names = ", ".join(few(sorted(others), "notebooks"))
    return (
        f"Another answered notebook lies in the folder ({names}). {wanted} was graded, for its name; "
        "look whether that is the one that was meant.",
    )


def _packed(wanted: str, packed: Sequence[str]) -> tuple[str, ...]:
    if not packed:
        return ()
    return (
        f"Nothing was answered in {wanted}, and {packed[0]} lies beside it: the answered one may be "
        "in it. Unpack it there and grade again.",
    )


def _renamed(wanted: str, name: str, why: str) -> tuple[str, ...]:
    path = PurePosixPath(name)
    said = []
    if path.parent != PurePosixPath():
        said.append(f"The notebook lay in the folder {path.parent}; it was graded from there.")
    if path.name != wanted or why:
        because = f": {why}" if why else ""
        said.append(f"The notebook was called {path.name} instead of {wanted}{because}.")
    return tuple(said)


def _candidate(
    name: str, data: bytes, templates: Mapping[str, Template], lesson: str
) -> Candidate | None:
    """The notebook, when it can be read and is of this lesson."""
    try:
        notebook, _ = read_notebook(data, name)
    except Unreadable:
        return None
    template = templates[lesson]
    ids = {grade_id_of(cell) for cell in notebook.cells} | {cell.id for cell in notebook.cells}
    texts = {cell.source.strip() for cell in notebook.cells}
    ours = {cell.source.strip() for cell in template.cells} - {""}
    if recognise(notebook, templates, lesson) is not None:
        return None
    if not ids & set(template.graded()) and len(ours & texts) < 2:
        return None  # a helper, or something else
    return Candidate(name, _answers(notebook, template))


def _answers(notebook: NotebookNode, template: Template) -> dict[str, str]:
    repaired = repair(notebook, template).notebook
    found = {}
    for cell in repaired.cells:
        grade_id = grade_id_of(cell)
        if grade_id is None or role_of(cell) not in ("answer", "written"):
            continue
        text = "\n".join(line.rstrip() for line in cell.source.strip().splitlines())
        given = "\n".join(
            line.rstrip() for line in template.released[grade_id].strip().splitlines()
        )
        if text not in ("", given):
            found[grade_id] = text
    return found
