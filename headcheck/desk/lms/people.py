"""Which student is meant by a row of an LMS's table? By numbers and logins; by name only if nothing disagrees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from headcheck.course.roster import Student, called, names_of, plain_name, same_letters

KINDS = ("participant", "canvas", "sis", "login", "email")


class Several(ValueError):
    """More than one student may be meant, or one and perhaps not: half a sentence, and who."""

    def __init__(self, why: str, students: Iterable[str]) -> None:
        super().__init__(why)
        self.students = frozenset(students)


@dataclass
class People:
    """The class, by everything it is known by. `participants`: Moodle's numbers of one assignment."""

    students: Sequence[Student]
    participants: Mapping[str, str] = field(default_factory=dict)  # student -> number

    def __post_init__(self) -> None:
        self._known: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._names: dict[str, list[str]] = defaultdict(list)
        self._facts: dict[str, dict[str, str]] = {}
        for student in self.students:
            facts = {kind: _same(kind, text) for kind, text in student.facts().items() if text}
            if student.id in self.participants:
                facts["participant"] = self.participants[student.id]
            self._facts[student.id] = facts
            for kind, text in facts.items():
                self._known[kind, text].append(student.id)
            for name in names_of(student):
                self._names[name].append(student.id)

    def find(self, who: Mapping[str, str]) -> str | None:
        """The id of the one student with these facts (kinds of `KINDS`, and name); None for nobody.

        Raises `Several` when the facts are of different students, or fit more than one.
        """
        found: dict[str, str] = {}
        for kind in KINDS:
            if who.get(kind, "").strip():
                ids = self._known.get((kind, _same(kind, who[kind])), [])
                if len(ids) > 1:
                    raise Several(
                        f"the {called(kind)} {who[kind]} is that of {' and '.join(ids)}", ids
                    )
                if ids:
                    found.setdefault(ids[0], kind)
        if len(found) > 1:
            said = [f"the {called(kind)} is that of {student}" for student, kind in found.items()]
            raise Several(", but ".join(said), found)
        if found:
            return next(iter(found))
        return self._by_id(who) or self._by_name(who)

    def _by_id(self, who: Mapping[str, str]) -> str | None:
        """In many courses our own ids are the logins or the numbers of the school."""
        texts = {_same("id", who[kind]) for kind in ("login", "sis") if who.get(kind, "").strip()}
        ids = {one for text in texts for one in self._known.get(("id", text), [])}
        fitting = [one for one in ids if not self._disagrees(one, who)]
        return fitting[0] if len(fitting) == 1 else None

    def _by_name(self, who: Mapping[str, str]) -> str | None:
        ids = self._names.get(plain_name(who.get("name", "")), [])
        if len(ids) > 1:
            raise Several(f"{' and '.join(ids)} are called so", ids)
        if ids and (kind := self._disagrees(ids[0], who)):
            raise Several(f"{ids[0]} is called so, but has another {called(kind)}", ids)
        return ids[0] if ids else None

    def _disagrees(self, student: str, who: Mapping[str, str]) -> str | None:
        facts = self._facts[student]
        for kind in KINDS:
            theirs = who.get(kind, "").strip()
            if theirs and kind in facts and facts[kind] != _same(kind, theirs):
                return kind
        return None


def _same(kind: str, text: str) -> str:
    text = same_letters(text)
    return text.lstrip("0") or text if kind == "sis" else text  # spreadsheets drop leading zeros
