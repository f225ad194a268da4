"""Are a lesson's checks any good? The reference is changed, one mistake at a time, and tried.

A mutant that every check lets pass shows a mistake that costs no student a point: a gap in the
checks, or a change that is no mistake. Of the second kind the author says so, in the solution:

    return sizes[-1]  # audit: equivalent [constant]: the list has one element here

The tries happen in a process of their own (`trial`), and what came of each is kept: an audit that
was stopped goes on, and only what has changed is tried again.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headcheck import cellcode, versions
from headcheck.authoring.justified import Reason, is_justified, reasons
from headcheck.authoring.mutate import Mutant
from headcheck.authoring.release import reference
from headcheck.course.cells import answer_of, grade_id_of, role_of
from headcheck.course.directory import CourseError, Lesson
from headcheck.course.files import digest
from headcheck.course.named_file import write_named


@dataclass(frozen=True)
class Tried:
    """A mutant of one answer, and what the checks said of it."""

    answer: str
    mutant: Mutant
    killed_by: Mapping[str, str]  # in the first draw: check -> visible, hidden or endless
    draws: int
    lived_in: tuple[int, ...]  # draws in which no check saw it
    justified: str | None = None  # why it is no mistake

    @property
    def alive(self) -> bool:
        return bool(self.lived_in)


@dataclass
class Audit:
    """What came of one lesson. `problems`: why there is nothing to say, or a reference that fails."""

    lesson: str
    originals: dict[str, str] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    tried: list[Tried] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)  # comments that justify nothing

    def survivors(self) -> list[Tried]:
        """Alive, and nobody has said why that is right."""
        return [one for one in self.tried if one.alive and one.justified is None]


def audit(
    lessons: Sequence[Lesson], *, draws: int, jobs: int, say: Callable[[str], None]
) -> Iterator[Audit]:
    """Try the mutants of each lesson, all lessons in one warm process; each as it is done."""
    rooms = [_Known.of(lesson, draws) for lesson in lessons]
    todo = [known for known in rooms if not known.is_complete()]
    if todo:
        _try({known.lesson.name: known for known in todo}, draws=draws, jobs=jobs, say=say)
    for known in rooms:
        yield known.told()


def _try(todo: dict[str, _Known], *, draws: int, jobs: int, say: Callable[[str], None]) -> None:
    job = {
        "lessons": [known.job() for known in todo.values()],
        "draws": draws,
        "jobs": jobs,
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "headcheck.authoring.trial"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps(job).encode())
        process.stdin.close()
        done: Counter[str] = Counter()
        for line in process.stdout:
            found = json.loads(line)
            known = todo[found.pop("lesson")]
            known.take(found)
            if "killed_by" in found:
                done[known.lesson.name] += 1
                if not done[known.lesson.name] % 50:
                    say(f"{known.lesson.name}: {done[known.lesson.name]} tried")
    finally:
        process.kill()
        process.wait()


# ---- what is known already -----------------------------------------------------------------------


@dataclass
class _Known:
    """A lesson's cells, and what earlier tries have said, in one file for each answer."""

    lesson: Lesson
    draws: int
    cells: dict[str, dict[str, str]]  # role -> grade_id -> text
    about: dict[str, list[str]]
    lists: dict[str, list[Mutant]] = field(default_factory=dict)
    results: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    reference: dict[str, Any] | None = None
    broken: str | None = None

    @classmethod
    def of(cls, lesson: Lesson, draws: int) -> _Known:
        cells: dict[str, dict[str, str]] = {"setup": {}, "answer": {}, "check": {}}
        for cell in reference(lesson).cells:
            if role_of(cell) in cells:
                cells[role_of(cell)][grade_id_of(cell) or ""] = cell.source
        for name, code in cells["answer"].items():
            if cellcode.python(code) is None:
                raise CourseError(f"{lesson.name}: {name} is not Python; mend it and audit again.")
        about = {
            name: _checks_about(name, cells["answer"], cells["check"]) for name in cells["answer"]
        }
        known = cls(lesson, draws, cells, about)
        known._read()
        return known

    def _file(self, answer: str) -> Path:
        parts = [versions.trial(), str(self.draws), answer, *_flat(self.cells["setup"])]
        parts += _flat(self.cells["answer"])
        checks = self.cells["check"]
        parts += [_said(checks[name]) for name in self.about.get(answer, checks)]
        folder = self.lesson.course.private / "audit" / self.lesson.name
        return folder / f"{answer or 'reference'}.{digest(parts)[:16]}.jsonl"

    def _read(self) -> None:
        for answer in (*self.cells["answer"], ""):
            try:
                lines = self._file(answer).read_text(encoding="utf-8").splitlines()
            except OSError:
                continue
            for line in lines:
                try:
                    self._learn(json.loads(line))
                except (ValueError, KeyError, TypeError):  # torn by a stop: it is tried again
                    continue

    def _of_list(self, answer: str) -> str:
        """Changes with what may change which mutants there are, and in which lines."""
        return digest([versions.mutants(), self.cells["answer"].get(answer, "")])

    def _learn(self, found: dict[str, Any]) -> None:
        if found.get("reference"):
            self.reference = found
        elif "mutants" in found:
            if found["version"] == self._of_list(found["answer"]):
                self.lists[found["answer"]] = [Mutant(*each) for each in found["mutants"]]
        else:
            self.results.setdefault(found["answer"], {})[found["code"]] = found

    def take(self, found: dict[str, Any]) -> None:
        """A line of the trial: learn it, and keep it for the next audit."""
        if "broken" in found:
            self.broken = found["broken"]
            return
        if "mutants" in found:
            found["version"] = self._of_list(found["answer"])
        self._learn(found)
        file = self._file(found.get("answer", ""))
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            for old in file.parent.glob(f"{file.name.split('.')[0]}.*.jsonl"):
                old.unlink(missing_ok=True)
        with file.open("a", encoding="utf-8") as out:
            out.write("\n" * (out.tell() > 0) + json.dumps(found))

    def _is_short(self, found: Mapping[str, Any]) -> bool:
        """Whether it was tried in one draw only, because its author has said why it may live."""
        at_once = {"visible", "endless"} & set(found["killed_by"].values())
        return found["draws"] == 1 < self.draws and not at_once

    def _answer_complete(self, answer: str) -> bool:
        results, code = self.results.get(answer, {}), self.cells["answer"][answer]
        return answer in self.lists and all(
            m.code in results and (not self._is_short(results[m.code]) or is_justified(m, code))
            for m in self.lists[answer]
        )

    def is_complete(self) -> bool:
        return self.reference is not None and all(map(self._answer_complete, self.cells["answer"]))

    def job(self) -> dict[str, Any]:
        """What the trial is told, see `trial.LessonJob`."""
        return {
            "name": self.lesson.name,
            "setups": self.cells["setup"],
            "answers": self.cells["answer"],
            "checks": self.cells["check"],
            "about": self.about,
            "known": {
                answer: [code for code, found in results.items() if not self._is_short(found)]
                for answer, results in self.results.items()
            },
            "short": {
                answer: [code for code, found in results.items() if self._is_short(found)]
                for answer, results in self.results.items()
            },
            "complete": list(filter(self._answer_complete, self.cells["answer"])),
        }

    def told(self) -> Audit:
        made = Audit(self.lesson.name, self.cells["answer"], tuple(self.cells["check"]))
        if self.broken:
            made.problems.append(f"{self.lesson.name}: {self.broken}.")
        elif self.reference is None:
            made.problems.append(f"{self.lesson.name}: the process that tries its answers ended.")
        for check, whys in (self.reference or {}).get("failures", {}).items():
            draws, said = list(whys), " ".join(next(iter(whys.values())).split())
            made.problems.append(
                f"{self.lesson.name}: {check}: the reference itself does not pass with the sizes of "
                f"{len(draws)} of {self.draws} draws ({', '.join(draws[:5])}): {said[:300]}."
            )
        for answer, code in self.cells["answer"].items():
            given = list(reasons(code))
            made.problems += [
                f"{self.lesson.name}: {answer}: `# audit: equivalent` in line {r.comment} of the cell "
                "says no reason."
                for r in given
                if not r.why
            ]
            used: set[Reason] = set()
            for mutant in self.lists.get(answer, []):
                found = self.results.get(answer, {}).get(mutant.code)
                if found is None:
                    continue
                why = None
                for reason in given if found["lived_in"] else ():
                    if reason.covers(mutant, code):
                        why = reason.why or None
                        used.add(reason)
                made.tried.append(
                    Tried(
                        answer,
                        mutant,
                        found["killed_by"],
                        found["draws"],
                        tuple(found["lived_in"]),
                        why,
                    )
                )
            made.idle += [f"{answer}, line {r.comment}" for r in given if r not in used]
        return made


def _flat(cells: Mapping[str, str]) -> list[str]:
    return [part for name, code in cells.items() for part in (name, _said(code))]


def _said(code: str) -> str:
    """The code without its comments: what they say changes no result."""
    tree = cellcode.python(code)
    return code if tree is None else ast.unparse(tree)


def _checks_about(answer: str, answers: Mapping[str, str], checks: Mapping[str, str]) -> list[str]:
    """The checks named after an answer, and those that reach it by another answer's name."""
    reached = set(cellcode.binds(answers[answer]))
    more = True
    while more:
        readers = [a for a in answers if cellcode.reads(answers[a]) & reached]
        new = {name for a in readers for name in cellcode.binds(answers[a])} - reached
        reached |= new
        more = bool(new)
    return [
        name
        for name, code in checks.items()
        if answer_of(name, answers) == answer or cellcode.reads(code) & reached
    ]


# ---- in words ------------------------------------------------------------------------------------


def in_words(found: Audit) -> Iterator[str]:
    """The report of one lesson, line by line."""
    yield from found.problems
    if not found.tried:
        return
    alive = found.survivors()
    justified = sum(one.justified is not None for one in found.tried if one.alive)
    yield (
        f"{found.lesson}: {len(found.tried)} mutants, "
        f"{len(found.tried) - len(alive) - justified} killed, {len(alive)} alive"
        + (f", {justified} more are said to be no mistakes" if justified else "")
    )
    for one in alive:
        when = (
            f"alive in all {one.draws} draws"
            if len(one.lived_in) == one.draws
            else f"alive in draw {one.lived_in[0]}, killed in others: the verdict depends on the draw"
        )
        yield f"\n  {one.answer}, line {one.mutant.line} of the cell, {one.mutant.operator}: {when}"
        yield from (f"    {line}" for line in one.mutant.diff(found.originals[one.answer]))
    kills, alone = kills_of(found)
    width = max(map(len, found.checks), default=0)
    yield f"\n  {'check':<{width}}  kills  alone"
    for check in found.checks:
        idle = "   nothing that no other check kills" if not alone[check] else ""
        yield f"  {check:<{width}}  {kills[check]:5}  {alone[check]:5}{idle}"
    for where in found.idle:
        yield f"  {where}: this `# audit: equivalent` is about no mutant that lives; take it out"
    yield ""


def kills_of(found: Audit) -> tuple[Counter[str], Counter[str]]:
    """How many mutants each check kills, and how many of these no other check does."""
    kills: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for one in found.tried:
        kills.update(one.killed_by.keys())
        if len(one.killed_by) == 1:
            alone.update(one.killed_by.keys())
    return kills, alone


def as_json(found: Audit) -> dict[str, Any]:
    """The same as plain data."""
    kills, alone = kills_of(found)
    return {
        "assignment": found.lesson,
        "mutants": len(found.tried),
        "killed": sum(not one.alive for one in found.tried),
        "problems": found.problems,
        "checks": {c: {"kills": kills[c], "alone": alone[c]} for c in found.checks},
        "survivors": [
            {
                "answer": one.answer,
                "line": one.mutant.line,
                "operator": one.mutant.operator,
                "diff": one.mutant.diff(found.originals[one.answer]),
                "draws": one.draws,
                "lived_in": list(one.lived_in),
                "justified": one.justified,
            }
            for one in found.tried
            if one.alive
        ],
    }


def audit_command(
    lessons: Sequence[Lesson],
    *,
    draws: int,
    jobs: int | None,
    check: bool,
    json_file: Path | None,
) -> int:
    """Audit and tell; the exit code of the command."""
    started = time.monotonic()
    results = []
    for found in audit(
        lessons,
        draws=draws,
        jobs=jobs or len(os.sched_getaffinity(0)),
        say=lambda text: print(text, file=sys.stderr, flush=True),
    ):
        results.append(found)
        for line in in_words(found):
            print(line)
    alive = sum(len(found.survivors()) for found in results)
    problems = sum(len(found.problems) for found in results)
    print(
        f"{sum(len(found.tried) for found in results)} mutants in {time.monotonic() - started:.0f} s, "
        f"{alive} alive" + (f"; {problems} problems" if problems else "")
    )
    if json_file is not None:
        write_named(json_file, json.dumps([as_json(found) for found in results]).encode())
    return 1 if problems or (check and alive) else 0
