"""Many answers to one lesson, tried by its checks: a program for `audit`, and for answers of our own only.

    python -P -m headcheck.authoring.trial < job.json > one line of JSON for each thing known

One process imports the libraries, one forked from it runs a lesson's setup cells, and every answer
has a process forked from that: so a try costs what its checks cost and little more. Nothing is
isolated here but time and memory, and answers stand beside the checks, as in a student's notebook.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import io
import json
import os
import random
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
import types
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from headcheck import cellcode
from headcheck.authoring.justified import is_justified
from headcheck.authoring.kinds import WATCH, kinds_of, watched
from headcheck.authoring.mutate import mutants
from headcheck.sandbox import linux
from headcheck.seed import set_seed

Outcome = Literal["passed", "visible", "hidden", "endless"]
LIBRARIES = ("torch", "torchvision", "fastai.vision.all", "matplotlib.pyplot", "sklearn.datasets")
CHECK_SECONDS, TIMES = (
    3.0,
    8.0,
)  # of processor time: a check may take so long, or so many times its usual time
SEEN_DRAWS = 3  # of what only a hidden test has seen: is it luck?
MEMORY_BYTES = 3 << 30


@dataclass(frozen=True)
class LessonJob:
    """One lesson: its cells by grade_id, and which checks are about which answer."""

    name: str
    setups: Mapping[str, str]
    answers: Mapping[str, str]
    checks: Mapping[str, str]
    about: Mapping[str, Sequence[str]]  # answer -> the checks that ask for it
    known: Mapping[str, Sequence[str]]  # answer -> mutants (their code) that need no trying
    short: Mapping[str, Sequence[str]]  # the same, for those whose author has said why
    complete: Sequence[str]  # answers of which everything is known, the list of mutants too


def main() -> int:
    _end_with_parent()
    job = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    lessons = [LessonJob(**each) for each in job["lessons"]]
    if any("torch" in text for each in lessons for text in each.setups.values()):
        for name in LIBRARIES:
            with suppress(ImportError):
                importlib.import_module(name)
        _quiet_libraries()
    with tempfile.TemporaryDirectory(prefix="headcheck-audit-") as folder:
        os.chdir(folder)
        for lesson in lessons:
            child = os.fork()
            if child == 0:
                _end(lambda lesson=lesson: _lesson(lesson, job["draws"], job["jobs"], out))
            if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
                _say(out, lesson.name, broken="the process that tries its answers ended")
        os.chdir("/")
    return 0


def _quiet_libraries() -> None:
    import matplotlib as mpl
    import torch

    mpl.use("agg")
    torch.set_num_threads(1)


def _end(work: Any) -> NoReturn:
    """What a forked process does; it never returns to its parent's code."""
    code = 1
    try:
        _end_with_parent()
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(code)


def _end_with_parent() -> None:
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)


def _say(out: io.TextIOBase | Any, lesson: str, **what: object) -> None:
    out.write(json.dumps({"lesson": lesson, **what}) + "\n")
    out.flush()


# ---- one lesson ----------------------------------------------------------------------------------


def _lesson(lesson: LessonJob, draws: int, jobs: int, out: Any) -> None:
    room = _Room(lesson, draws)
    try:
        room.prepare()
    except _Broken as broken:
        _say(out, lesson.name, broken=str(broken))
        return
    gc.collect()
    gc.freeze()  # else each try would copy all of this process, looking for garbage
    everything = list(lesson.checks)
    tries = [_Try({"reference": True}, {}, everything, draws)]
    for answer, code in lesson.answers.items():
        if answer in lesson.complete:
            continue
        made = mutants(code, room.kinds[answer])
        _say(out, lesson.name, answer=answer, mutants=[(m.operator, m.line, m.code) for m in made])
        known, short = set(lesson.known.get(answer, ())), set(lesson.short.get(answer, ()))
        for m in made:
            # One draw says whether there is something to justify: no more is asked of it.
            justified = is_justified(m, code)
            if m.code not in known and not (justified and m.code in short):
                about = {"answer": answer, "code": m.code}
                checks = lesson.about[answer]
                tries.append(_Try(about, {answer: m.code}, checks, 1 if justified else draws))
    for about, result in room.all(tries, jobs):
        usual = {"seconds": room.seconds} if "reference" in about else {}
        _say(out, lesson.name, **about, **result, **usual)


class _Broken(Exception):
    """A setup cell or the reference does not run: nothing can be tried."""


@dataclass(frozen=True)
class _Try:
    about: dict[str, Any]
    changed: Mapping[str, str]
    checks: Sequence[str]
    draws: int


@dataclass
class _Running:
    pid: int
    about: dict[str, Any]
    end: float  # of its wall time, generous
    text: bytes = b""


@dataclass
class _Room:
    """The process in which a lesson's setup has run, and from which each try is forked."""

    lesson: LessonJob
    draws: int
    names: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)  # that the reference needs, by check
    of_checks: dict[str, Any] = field(default_factory=dict)

    def prepare(self) -> None:
        """Run the setup cells, and the reference once: what a lesson keeps for later is there then."""
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        self.names = vars(main)
        self.names["display"] = lambda *things: None
        signal.signal(signal.SIGPROF, _too_long)
        for name, code in self.lesson.setups.items():
            self._must_run(name, code)
        of_setup = dict(self.names)
        seen: dict[str, defaultdict[str, set[str]]] = {}
        for name, code in self.lesson.answers.items():
            kept = seen[name] = defaultdict(set)

            def watch(key: str, value: Any, kept: Any = kept) -> Any:
                kept[key].update(kinds_of(value))
                return value

            here = f"{WATCH}{name}"
            self.names[here] = watch
            tree = watched(code)
            for node in _names(tree, WATCH):
                node.id = here
            self._must_run(name, tree)
        for name, code in self.lesson.checks.items():
            started = time.process_time()
            with _quiet(), suppress(BaseException):
                _seed(f"1/{name}")
                set_seed(1)
                exec(_compiled(name, code), self.names)
            self.seconds[name] = time.process_time() - started
        self.kinds = {name: {k: set(v) for k, v in found.items()} for name, found in seen.items()}
        self.names.clear()
        self.names.update(of_setup)

    def _must_run(self, name: str, code: Any) -> None:
        try:
            with _quiet():
                _seed(name)
                exec(_compiled(name, code), self.names)
        except BaseException as error:
            line = next(
                (
                    f.lineno
                    for f in reversed(traceback.extract_tb(error.__traceback__))
                    if f.filename == f"<{name}>"
                ),
                None,
            )
            at = f" (line {line} of the cell)" if line else ""
            raise _Broken(f"{name}{at}: {type(error).__name__}: {error}") from None

    def all(
        self, tries: Sequence[_Try], jobs: int
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Each try with what came of it, in the order in which they end."""
        waiting, running = list(reversed(tries)), dict[int, _Running]()
        while waiting or running:
            while waiting and len(running) < jobs:
                fd, one = self._start(waiting.pop())
                running[fd] = one
            ready = select.select(list(running), [], [], 1.0)[0]
            for fd in list(running):
                one = running[fd]
                data = os.read(fd, 1 << 16) if fd in ready else None
                if data:
                    one.text += data
                elif data == b"" or time.monotonic() > one.end:
                    with suppress(ProcessLookupError):
                        os.kill(one.pid, signal.SIGKILL)
                    os.waitpid(one.pid, 0)
                    os.close(fd)
                    del running[fd]
                    yield one.about, _result(one.text)

    def _start(self, one: _Try) -> tuple[int, _Running]:
        read, write = os.pipe()
        usual = sum(self.seconds[name] for name in one.checks)
        most = int(30 + (CHECK_SECONDS + TIMES * usual) * 2 + 3 * usual * self.draws)
        pid = os.fork()
        if pid == 0:
            os.close(read)
            _end(lambda: self._try(one, write, most))
        os.close(write)
        return read, _Running(pid, one.about, time.monotonic() + 20 * most)

    # ---- in the forked process

    def _try(self, one: _Try, out: int, most: int) -> None:
        changed, checks, all_draws = one.changed, one.checks, "reference" in one.about
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
        _limit_memory()

        def say(**what: object) -> None:
            os.write(out, json.dumps(what).encode() + b"\n")

        torch = sys.modules.get("torch")
        if torch is not None:  # what a mutant says, and a student could have imported
            import copy

            self.names.setdefault("torch", torch)
            self.names.setdefault("copy", copy)
        with _quiet():
            asked = self._asked_for(checks, changed)
            for name, code in {**self.lesson.answers, **changed}.items():
                if name not in asked:
                    continue
                with suppress(BaseException):
                    _seed(name)
                    with _limited(CHECK_SECONDS + TIMES * sum(self.seconds.values())):
                        exec(_compiled(name, code), self.names)
            # As in grading: an answer finds no name that a check has bound.
            self.of_checks = dict(self.names)
            say(draw=1)
            failed = []
            for check in checks:
                if self._failed(check, 1, say):
                    failed.append(check)
                if self.has_no_end:
                    return
            if self.seen_at_once:
                return
            quick = sorted(failed, key=lambda check: self.seconds[check])
            order = [*quick, *(c for c in checks if c not in failed)]
            most_draws = one.draws if all_draws or not failed else min(one.draws, SEEN_DRAWS)
            for draw in range(2, most_draws + 1):
                say(draw=draw)
                if all_draws:
                    for check in checks:
                        self._failed(check, draw, say)
                elif any(self._failed(check, draw, say) for check in order) != bool(failed):
                    return

    def _asked_for(self, checks: Sequence[str], changed: Mapping[str, str]) -> set[str]:
        """The answers that these checks can reach: others need not run, and some take long."""
        answers, asked = {**self.lesson.answers, **changed}, set[str]()
        waiting = [*(self.lesson.checks[check] for check in checks), *changed.values()]
        while waiting:
            text = waiting.pop()
            read = cellcode.reads(text)
            theirs = read - cellcode.binds(text)  # `head` of a check is the check's own
            new = {n for n, code in answers.items() if n in read or cellcode.binds(code) & theirs}
            waiting += [answers[name] for name in new - asked]
            asked |= new
        return asked | set(changed)

    seen_at_once = False  # some visible part has failed: no draw changes that
    has_no_end = False

    def _failed(self, check: str, draw: int, say: Any) -> bool:
        say(at=check, draw=draw)
        outcome, why = self._outcome(check, draw)
        say(check=check, draw=draw, outcome=outcome, why=why[:600])
        self.seen_at_once |= outcome == "visible"
        self.has_no_end |= outcome == "endless"
        return outcome != "passed"

    def _outcome(self, check: str, draw: int) -> tuple[Outcome, str]:
        set_seed(draw)
        _seed(f"{draw}/{check}")
        try:
            with _limited(CHECK_SECONDS + TIMES * self.seconds[check]):
                exec(_compiled(check, self.lesson.checks[check]), self.of_checks)
        except TooLong:
            return "endless", "takes too long"
        except BaseException as error:
            text = str(error)
            hidden = getattr(error, "detail", None)
            is_hidden = str(getattr(error, "checked", "")).startswith("a hidden check")
            return ("hidden" if is_hidden else "visible"), f"{hidden or text}"
        return "passed", ""


def _result(text: bytes) -> dict[str, Any]:
    """What a try has said: `killed_by` in the first draw; `draws` -> whether one saw it."""
    killed: dict[str, str] = {}
    seen: dict[int, bool] = {}
    failures: dict[str, dict[str, str]] = {}
    at: tuple[str, int] | None = None
    for line in text.splitlines():
        try:
            what = json.loads(line)
        except ValueError:  # torn: it was ended while it wrote
            continue
        draw = what["draw"]
        seen.setdefault(draw, False)
        if "at" in what:
            at = (what["at"], draw)
        elif "check" in what:
            at = None
            if what["outcome"] != "passed":
                seen[draw] = True
                failures.setdefault(what["check"], {})[str(draw)] = what["why"]
                if draw == 1:
                    killed[what["check"]] = what["outcome"]
    if at is not None:  # it ended, or had to be ended, there
        seen[at[1]] = True
        if at[1] == 1:
            killed[at[0]] = "endless"
    if not seen:
        killed, seen = {"": "endless"}, {1: True}
    return {
        "killed_by": killed,
        "draws": len(seen),
        "lived_in": [draw for draw, found in seen.items() if not found],
        "failures": failures,
    }


# ---- surroundings --------------------------------------------------------------------------------


class TooLong(BaseException):
    """More processor time than a check may take."""


def _too_long(number: int, frame: object) -> None:
    raise TooLong


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)  # again and again: it may be caught
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def _quiet() -> Iterator[None]:
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield


def _limit_memory() -> None:
    with open("/proc/self/status") as status:
        data = next(int(line.split()[1]) for line in status if line.startswith("VmData:"))
    most = (data << 10) + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _compiled(name: str, code: Any) -> Any:
    if isinstance(code, str):
        code = cellcode.python(code) or code
    return compile(code, f"<{name}>", "exec")


def _names(tree: Any, name: str) -> Iterator[Any]:
    import ast

    yield from (n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name)


def _seed(purpose: str) -> None:
    """As the checker's process does before each check."""
    number = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:4], "big")
    random.seed(number)
    for module, seed in (("numpy", "random.seed"), ("torch", "manual_seed")):
        found: Any = sys.modules.get(module)
        for part in seed.split(".") if found is not None else ():
            found = getattr(found, part)
        if found is not None:
            found(number)


if __name__ == "__main__":
    sys.exit(main())
