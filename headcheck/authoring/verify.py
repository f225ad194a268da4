"""Is a lesson fit for students? By its text (fast), and by running it answered and unanswered.

Each problem is one sentence: the lesson, the cell, what is wrong and what to do.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from headcheck import cellcode, versions
from headcheck.authoring import kernel_run, refusals
from headcheck.authoring.executed import keep
from headcheck.authoring.leaks import secrets_of
from headcheck.authoring.mutate import solution_lines
from headcheck.authoring.places import begins as begins_of
from headcheck.authoring.release import reference, to_bytes
from headcheck.course.cells import answer_of, role_of
from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.course.files import digest, write_whole
from headcheck.course.instructor import names_of_the_instructor
from headcheck.grading.finished import result_of
from headcheck.sandbox.watchdog import tree

# Runs a notebook in a folder and returns it with its outputs; an error ends a cell, not the run.
Execute = Callable[[NotebookNode, Path], NotebookNode]

FIELDS = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}
ROLES = {  # the flags (grade, solution, locked) that docs/authoring.md gives each role
    "setup": {(False, False, True)},
    "answer": {(False, True, False)},
    "check": {(True, False, True)},
    "written": {(True, True, False)},
    "demo": {(False, False, False), (False, False, True)},
}


def _metadata(cell: NotebookNode) -> dict:
    return dict(cell.metadata.get("nbgrader") or {})


def _flags(data: dict) -> tuple[bool, bool, bool]:
    return bool(data.get("grade")), bool(data.get("solution")), bool(data.get("locked"))


# ---- by its text --------------------------------------------------------------------------------


def contract(lesson: Lesson) -> list[str]:
    """What of docs/authoring.md the lesson's text does not keep, with file and line. Runs nothing."""
    cells = reference(lesson).cells
    begins = begins_of(lesson.read_text(), cells)
    answers = [_metadata(cell)["grade_id"] for cell in cells if role_of(cell) == "answer"]
    trees = [t for c in cells if role_of(c) == "setup" and (t := cellcode.python(c.source))]
    problems: list[str] = []
    seen: set[str] = set()
    checked: set[str] = set()
    file = lesson.text.relative_to(lesson.course.root)

    def tell(number: int, line: int, text: str) -> None:
        cell = cells[number]
        name = _metadata(cell).get("grade_id") or _where(cell, number + 1)
        problems.append(f"{file}:{begins[number] + line - 1}: {name}: {text}.")

    for number, cell in enumerate(cells):
        data = _metadata(cell)
        name = data.get("grade_id") or _where(cell, number + 1)
        before = len(problems)
        for line, text in refusals.near_markers(cell.source):
            tell(number, line, text)
        for line, text in _regions(cell):
            tell(number, line, text)
        unread = cell.metadata.get("incorrectly_encoded_metadata")
        if unread:
            # Otherwise the cell would lose its role in silence.
            tell(number, 0, f"its line cannot be read: `# %% {unread[:60]}`")
        if cell.cell_type == "code":
            for line, text in _syntax(cell):
                tell(number, line, text)
        if not data:
            continue
        for text in _fields(cell, data):
            tell(number, 0, text)
        if name in seen:
            tell(number, 0, "the grade_id is used twice; give each cell its own")
        seen.add(name)
        what, is_sound = role_of(cell), len(problems) == before
        if what == "answer" and is_sound:
            for line, text in _answer(cell, name):
                tell(number, line, text)
        elif what == "check":
            answer = answer_of(name, answers)
            checked.add(answer or "")
            for line, text in _check(cell, answer, answers, trees) if is_sound else ():
                tell(number, line, text)
            if tree := cellcode.python(cell.source):
                for line, text in refusals.replacing(tree, cellcode.binds(cell.source), trees):
                    tell(number, line, text)
        elif what == "setup" and is_sound and (tree := cellcode.python(cell.source)):
            for line, text in refusals.unseeded(tree, trees):
                tell(number, line, text)
    for number, line, text in _leaning(cells):
        tell(number, line, text)
    for answer in sorted(names_of_the_instructor(cells) & set(answers)):
        for number, cell in enumerate(cells):
            if role_of(cell) in ("setup", "check") and answer in cellcode.binds(cell.source):
                tell(
                    number,
                    _line_of(cell.source, answer),
                    f"a setup or check cell binds {answer} as well, and a check could not tell the two "
                    "apart; import or name it there as something else",
                )
                break
    for number, cell in enumerate(cells):
        if role_of(cell) == "answer" and (answer := _metadata(cell)["grade_id"]) not in checked:
            tell(number, 0, f"no check is named after it; add a cell test_{answer}")
    return problems


def _line_of(source: str, word: str) -> int:
    """The first line of a cell that has this word."""
    lines = enumerate(source.splitlines(), 1)
    return next((n for n, line in lines if re.search(rf"\b{re.escape(word)}\b", line)), 1)


def _leaning(cells: Sequence[NotebookNode]) -> Iterator[tuple[int, int, str]]:
    """Checks that read what only a demo binds: a grader's check has no demo's names."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    demos = {
        name for cell in code if role_of(cell) == "demo" for name in cellcode.binds(cell.source)
    }
    for cell in code:
        if role_of(cell) != "demo":
            demos -= cellcode.binds(cell.source)
    for number, check in enumerate(cells):
        if role_of(check) in ("check", "setup"):
            for name in sorted(cellcode.reads(check.source) & demos):
                yield (
                    number,
                    _line_of(check.source, name),
                    f"reads {name}, which only a demo binds, and demos are not there when it is graded; "
                    "bind it in a setup cell",
                )


def _where(cell: NotebookNode, number: int) -> str:
    first = cell.source.strip().splitlines()[:1]
    return f"cell {number}" + (f" ({first[0][:50]})" if first else "")


def _fields(cell: NotebookNode, data: dict) -> Iterator[str]:
    missing = FIELDS - data.keys()
    if missing:
        yield f"nbgrader's metadata lacks {sorted(missing)}; copy the line from docs/authoring.md"
        return
    if data["schema_version"] != 3:
        yield f"schema_version is {data['schema_version']}; write 3"
    what, name = role_of(cell), str(data["grade_id"])
    if _flags(data) not in ROLES[what] or data["task"]:
        yield "its metadata is none of the roles of docs/authoring.md for this kind of cell"
    pattern, form = {
        "setup": (r"setup(_\w+)?", "setup or setup_<topic>"),
        "check": (r"test_\w+", "test_<answer>"),
        "written": (r"why_\w+", "why_<topic>"),
        "answer": (r"(?!test_|why_|setup)[A-Za-z_]\w*", "the name it defines"),
    }.get(what, (r".+", ""))
    if not re.fullmatch(pattern, name):
        yield f"the grade_id of a {what} cell is {form}"
    if data["grade"]:
        points = data.get("points")
        if isinstance(points, bool) or not isinstance(points, int | float) or points < 0:
            yield f'"points" must be a number, found {points!r}'
    tags = cell.metadata.get("tags", [])
    if what == "check" and "raises-exception" not in tags:
        yield 'the tag is missing without which "Run all" stops here; add tags=["raises-exception"]'
    if what == "written" and not re.search(r"mark(ing)? scheme", cell.source, re.IGNORECASE):
        yield "a written answer needs a marking scheme, inside its solution region"
    told = re.search(r"marking scheme \((\d+(?:\.\d+)?) points?\)", cell.source, re.IGNORECASE)
    if what == "written" and told and float(told[1]) != data.get("points"):
        yield f"its marking scheme gives {told[1]} points, the cell {data.get('points')}"


def _regions(cell: NotebookNode) -> Iterator[tuple[int, str]]:
    """BEGIN and END in pairs, each in the cells where nbgrader cuts them out."""
    allowed = {"SOLUTION": {"answer", "written"}, "HIDDEN TESTS": {"check"}}
    opened, since = None, 0
    for number, line in enumerate(cell.source.splitlines(), 1):
        found = re.search(r"\b(BEGIN|END) (SOLUTION|HIDDEN TESTS)\b", line)
        if not found:
            continue
        edge, kind = found.groups()
        if role_of(cell) not in allowed[kind]:
            yield number, f"{edge} {kind} has no place in a {role_of(cell)} cell"
            return
        if (edge == "BEGIN") == (opened is not None) or (edge == "END" and opened != kind):
            yield number, f"{edge} {kind} does not match what stands before it"
            return
        opened, since = (kind, number) if edge == "BEGIN" else (None, 0)
    if opened:
        yield since, f"BEGIN {opened} has no END {opened}"


def _parse(source: str) -> ast.Module:
    """The cell as IPython reads it; line numbers are those of `source`."""
    from IPython.core.inputtransformer2 import TransformerManager

    tree = ast.parse(TransformerManager().transform_cell(source))
    # IPython drops empty lines at the beginning.
    empty = takewhile(lambda line: not line.strip(), source.splitlines())
    return ast.increment_lineno(tree, len(list(empty)))


def _without(source: str, kind: str) -> str:
    """The source without its regions of that kind, as students get it."""
    kept, inside = [], False
    for line in source.splitlines():
        if f"BEGIN {kind}" in line:
            inside = True
        elif f"END {kind}" in line:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def _syntax(cell: NotebookNode) -> Iterator[tuple[int, str]]:
    try:
        _parse(cell.source)
    except SyntaxError as error:
        yield error.lineno or 1, f"is not Python: {error.msg}"
        return
    try:
        _parse(_without(cell.source, "HIDDEN TESTS"))
    except SyntaxError as error:
        yield (
            error.lineno or 1,
            f"is not Python any more without its hidden tests ({error.msg}); "
            "leave a visible check beside them",
        )


def _answer(cell: NotebookNode, name: str) -> Iterator[tuple[int, str]]:
    if "BEGIN SOLUTION" not in cell.source:
        yield 1, "an answer cell has its reference between ### BEGIN SOLUTION and ### END SOLUTION"
    if name not in cellcode.binds(cell.source):
        yield 1, f"the cell does not define {name}; the grade_id is the name the answer defines"
    solution = solution_lines(cell.source)
    for number, line in enumerate(cell.source.splitlines(), 1):
        if re.search(r"#\s*audit:", line) and number not in solution:
            yield number, "students would read this `# audit:`; put it inside the solution"


def _check(
    cell: NotebookNode, answer: str | None, answers: Sequence[str], setups: Sequence[ast.Module]
) -> Iterator[tuple[int, str]]:
    if answer is None:
        yield (
            0,
            "a check is named test_<answer> or test_<answer>_<aspect>, and there is no such answer",
        )
        return
    tree = _parse(cell.source)
    frames = [
        call for node in ast.walk(tree) if (call := _call_of_with(node, "checking")) is not None
    ]
    if len(frames) != 1:
        yield 1, f'all that can fail stands inside one `with checking("{answer}"):`'
    elif not (frames[0].args and getattr(frames[0].args[0], "value", None) == answer):
        yield (
            frames[0].lineno,
            f'says `checking(...)` about something else than its answer; write checking("{answer}")',
        )
    region = _hidden_lines(cell.source)
    yield from _hidden(cell.source, tree, answer, region)
    yield from refusals.hidden_outside(cell.source, tree, region)
    yield from refusals.spoken_values(tree, region, setups)
    yield from refusals.uncrossable(tree, answers)
    yield from refusals.unseeded(tree, setups)


def _call_of_with(node: ast.AST, function: str) -> ast.Call | None:
    """The call in `with function(...):`."""
    calls = [item.context_expr for item in node.items] if isinstance(node, ast.With) else []
    for call in calls:
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) == function:
            return call
    return None


def _hidden_lines(source: str) -> set[int]:
    inside: set[int] = set()
    opened = False
    for number, line in enumerate(source.splitlines(), 1):
        if "BEGIN HIDDEN TESTS" in line:
            opened = True
        elif "END HIDDEN TESTS" in line:
            opened = False
        elif opened:
            inside.add(number)
    return inside


def _hidden(
    source: str, tree: ast.Module, answer: str, region: set[int]
) -> Iterator[tuple[int, str]]:
    """In a hidden region, what can fail stands inside hidden(...): else it shows hidden values."""
    for statement in _outermost(tree, region):
        if not _harmless(statement, answer):
            line = source.splitlines()[statement.lineno - 1].strip()
            yield (
                statement.lineno,
                f"a hidden test outside hidden(...) would show its values: `{line[:60]}`; put it "
                'inside `with hidden("what is tried"):`',
            )
            return


def _outermost(tree: ast.AST, lines: set[int]) -> Iterator[ast.stmt]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and node.lineno in lines:
            yield node
        else:
            yield from _outermost(node, lines)


def _harmless(statement: ast.stmt, answer: str) -> bool:
    if _call_of_with(statement, "hidden") is not None:
        return True
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return True  # runs only where it is called
    if isinstance(statement, ast.For | ast.If | ast.With | ast.While):
        return all(_harmless(inner, answer) for inner in statement.body)
    for node in ast.walk(statement):
        if isinstance(node, ast.Assert | ast.Raise):
            return False
        if isinstance(node, ast.Name) and (node.id == answer or node.id.startswith("expect")):
            return False
    return True


# ---- nothing secret in notebooks/ ---------------------------------------------------------------


def leaks(course: Course, root: Path | None = None) -> list[str]:
    """Lines of solutions and hidden tests found anywhere in `notebooks/` (or below `root`)."""
    secrets = secrets_of(course)
    problems = []
    root = root or course.release_root
    for path in sorted(root.rglob("*")):
        if not path.is_file() or ".ipynb_checkpoints" in path.parts:
            continue
        name = path.relative_to(root).as_posix()
        found = secrets.first_in(name, path.read_bytes())
        if found:
            where = path.relative_to(course.root)
            problems.append(f"{where} shows {found}; take it out before anyone gets it.")
    return problems


# ---- by running it ------------------------------------------------------------------------------


class RunBroke(Exception):
    """A notebook was not run to its end; the text says why."""


_running: set[subprocess.Popen[bytes]] = set()


def in_kernel(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a notebook in a fresh ipykernel, as JupyterLab does. Raises `RunBroke`."""
    command = [sys.executable, "-P", "-m", kernel_run.__name__, str(folder)]
    pipe = subprocess.PIPE
    # Ctrl-C is for this process alone: it ends the others (see `run`).
    process = subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
    )
    _running.add(process)
    try:
        done, said = process.communicate(nbformat.writes(notebook).encode())
    finally:
        _running.discard(process)
    if process.returncode == kernel_run.NO_KERNEL:
        raise CourseError(
            "the Jupyter kernel python3 is missing; install it with `pip install ipykernel`."
        )
    if process.returncode:
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        raise RunBroke(*last or [f"the process that runs it ended: {process.returncode}"])
    return nbformat.reads(done.decode(), as_version=4)


def run(
    lessons: Sequence[Lesson], *, say: Callable[[str], None], execute: Execute = in_kernel
) -> list[str]:
    """Run each lesson answered and unanswered, two at a time; what passed is not run again.

    When it is stopped (Ctrl-C), it ends what runs, and what has passed is kept.
    """
    todo = [lesson for lesson in lessons if not _passed(lesson).exists()]
    speak, stopped = threading.Lock(), threading.Event()

    def one(lesson: Lesson) -> list[str]:
        start = time.monotonic()
        problems = _run_answered(lesson, execute)
        if not stopped.is_set():
            problems += _run_unanswered(lesson, execute)
        if stopped.is_set():
            return problems
        if not problems:
            for old in _passed(lesson).parent.glob(f"{lesson.name}.*"):
                old.unlink(missing_ok=True)
            write_whole(_passed(lesson), b"")
        with speak:
            seconds = time.monotonic() - start
            say(f"{lesson.name}: {'NOT ' if problems else ''}verified ({seconds:.0f} s)")
        return problems

    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(one, lesson) for lesson in todo]
        try:
            return [problem for each in waiting for problem in result_of(each)]
        finally:
            stopped.set()
            for each in waiting:
                each.cancel()
            while not all(each.done() for each in waiting):
                for process in list(_running):
                    _end(process)
                wait(waiting, timeout=0.2)


def _end(process: subprocess.Popen[bytes]) -> None:
    """With its kernel, which holds the same pipes.

    A kernel ends by itself when init adopts it, but something else may (a container's or a user
    session's subreaper), and then, if its starter ended before it looked, it stays for ever.
    """
    with suppress(ProcessLookupError, ChildProcessError):  # it has just ended
        process.send_signal(signal.SIGSTOP)  # it starts no other meanwhile
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    for pid in tree(process.pid)[1:]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.kill()


def _passed(lesson: Lesson) -> Path:
    """A file that exists when this very lesson passed with this very headcheck, torch and fastai."""
    parts: list[bytes | str] = [to_bytes(reference(lesson))]
    parts += [
        path.read_bytes() for path in sorted(lesson.release_folder.rglob("*")) if path.is_file()
    ]
    parts.append(versions.verification())
    return lesson.course.private / "verified" / f"{lesson.name}.{digest(parts)[:16]}"


def run_release(lesson: Lesson, notebook: NotebookNode) -> NotebookNode:
    """Run a notebook of this lesson beside its files. Raises `RunBroke`."""
    return _executed(lesson, notebook, in_kernel)


def _executed(lesson: Lesson, notebook: NotebookNode, execute: Execute) -> NotebookNode:
    with tempfile.TemporaryDirectory(prefix="headcheck-verify-") as folder:
        for path in lesson.release_folder.iterdir():
            if path.name == ".ipynb_checkpoints":
                continue
            if path.is_dir():
                shutil.copytree(path, Path(folder) / path.name)
            elif path != lesson.release:
                shutil.copy(path, folder)
        return execute(notebook, Path(folder))


def _run_answered(lesson: Lesson, execute: Execute) -> list[str]:
    problems: list[str] = []

    def run_and_hear(notebook: NotebookNode, folder: Path) -> NotebookNode:
        done = execute(notebook, folder)
        problems.extend(_warnings_of_checks(lesson, done))
        return done

    for name, cell, error in _errors(lesson, reference(lesson), run_and_hear):
        if isinstance(error, str):
            problems.append(f"{lesson.name}: the reference stops at {error}.")
        elif role_of(cell) == "check":
            problems.append(
                f"{lesson.name}: {name}: the reference solution does not pass: {_short(error)}."
            )
        elif not _may_raise(cell):
            problems.append(
                f"{lesson.name}: {name}: fails with the reference solution: {_short(error)}."
            )
    return problems


def _warnings_of_checks(lesson: Lesson, done: NotebookNode) -> Iterator[str]:
    """Checks that write to stderr beside the reference: stock nbgrader gives no points for that."""
    for cell in done.cells:
        said = "".join(o.text for o in cell.get("outputs", []) if o.get("name") == "stderr")
        if role_of(cell) == "check" and said.strip():
            name, text = _metadata(cell)["grade_id"], " ".join(said.split())[:200]
            yield (
                f"{lesson.name}: {name}: the check writes to stderr, and nbgrader gives no points then: {text}"
            )


def _run_unanswered(lesson: Lesson, execute: Execute) -> list[str]:
    released = nbformat.read(lesson.release, as_version=4)
    checks = {_metadata(c)["grade_id"] for c in released.cells if role_of(c) == "check"}
    problems = []

    def run_and_keep(notebook: NotebookNode, folder: Path) -> NotebookNode:
        return keep(lesson, execute(notebook, folder))

    for name, cell, error in _errors(lesson, released, run_and_keep):
        if isinstance(error, str):
            problems.append(f"{lesson.name}: the release stops at {error}.")
            checks.clear()
        elif role_of(cell) == "check":
            checks.discard(name)
            lines = [line for line in "\n".join(error.traceback).splitlines() if line.strip()]
            if len(lines) != 1 or error.ename != "NotAnswered":
                problems.append(
                    f"{lesson.name}: {name}: on the unanswered release it says {len(lines)} lines "
                    f"({_short(error)}) instead of one that it is not answered yet; begin the "
                    "check with a call of the answer or expect_answered(...)."
                )
        elif not _may_raise(cell):
            problems.append(
                f'{lesson.name}: {name}: "Run all" of the unanswered release stops here '
                f'({_short(error)}); tag the cell tags=["raises-exception"].'
            )
    problems += [
        f"{lesson.name}: {name}: the unanswered release passes this check; make its visible part "
        "use the answer."
        for name in sorted(checks)
    ]
    return problems


def _may_raise(cell: NotebookNode) -> bool:
    return "raises-exception" in cell.metadata.get("tags", [])


def _short(error: NotebookNode) -> str:
    from nbconvert.filters import strip_ansi

    text = strip_ansi(str(error.evalue)).strip()
    return f"{error.ename}: {' '.join(text.split())[:300]}".rstrip(": .")


def _errors(
    lesson: Lesson, notebook: NotebookNode, execute: Execute
) -> Iterator[tuple[str, NotebookNode, NotebookNode | str]]:
    """Each cell that raised, with its error; a run that broke off gives its reason as text."""
    try:
        done = _executed(lesson, notebook, execute)
    except CourseError:
        raise
    except RunBroke as broke:
        yield "", notebook, str(broke)
        return
    for number, cell in enumerate(done.cells, 1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield _metadata(cell).get("grade_id") or _where(cell, number), cell, output
                break
