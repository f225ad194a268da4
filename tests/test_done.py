"""Does a student see what is done, what passes, and what is missing before handing in?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import nbformat
import pytest
from hours import in_turn
from nbclient import NotebookClient
from nbgrader.utils import compute_checksum
from once import once
from tiny_course import NAME, headcheck, make_course, run_python

from headcheck.done.missing import MOST_BYTES, missing
from headcheck.done.notebook_file import NoNotebook, read
from headcheck.done.own_file import OwnFile, not_found, own_file
from headcheck.done.progress import unsaved
from headcheck.done.table import WIDTH, lines, verdict

ANSWERS = {
    "double": 'def double(x):\n    """Twice x."""\n    return 2 * x',
    "seven": "seven = 7",
    "why_twice": "Because.",
}


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(place: Path) -> None:
        course = make_course(place / "course")
        assert headcheck(course, "build", "--no-verify").returncode == 0

    return once(tmp_path_factory, "done", make) / "course" / "notebooks" / NAME / f"{NAME}.ipynb"


@pytest.fixture
def handed_out(release: Path, tmp_path: Path) -> Callable[..., Path]:
    """The release with some answers, as a file: handed_out(double="...")."""

    def write(change: Callable = lambda notebook: None, **answers: str) -> Path:
        notebook = nbformat.read(release, as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            cell.source = answers.get(name, cell.source)
        change(notebook)
        path = tmp_path / f"{NAME}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


def cell_of(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def test_is_the_checksum_nbgraders_own(release: Path) -> None:
    for cell in nbformat.read(release, as_version=4).cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader.checksum == compute_checksum(cell)
    assert all(cell.as_handed_out for cell in read(release).of("check", "locked"))


def test_is_an_untouched_notebook_all_open_and_an_answered_one_complete(handed_out) -> None:
    first, second = missing(read(handed_out()))
    assert first == "not answered: double, seven" and "why_twice" in second
    assert missing(read(handed_out(**ANSWERS))) == []


def test_is_an_answer_that_speaks_of_the_stub_still_an_answer(handed_out) -> None:
    raises = 'def double(x):\n    raise NotImplementedError("a later one is not answered yet")'
    assert missing(read(handed_out(**{**ANSWERS, "double": raises}))) == []
    other = "def double(x):\n    # YOUR ANSWER HERE\n    return x + x"
    assert missing(read(handed_out(**{**ANSWERS, "double": other}))) == []


def gone(notebook: nbformat.NotebookNode) -> None:
    notebook.cells.remove(cell_of(notebook, "double"))


def retyped(notebook: nbformat.NotebookNode) -> None:
    cell_of(notebook, "test_seven").metadata.pop("nbgrader")


def twice(notebook: nbformat.NotebookNode) -> None:
    copy = nbformat.from_dict({**cell_of(notebook, "double"), "id": "again"})
    notebook.cells.append(copy)


def changed(notebook: nbformat.NotebookNode) -> None:
    cell_of(notebook, "test_double").source += "\n# mine"


def changed_setup(notebook: nbformat.NotebookNode) -> None:
    cell_of(notebook, "setup").source += "\nimport os"


def grown(notebook: nbformat.NotebookNode) -> None:
    output = nbformat.v4.new_output("stream", text="x" * (MOST_BYTES + 1))
    cell_of(notebook, "double").outputs = [output]


def moved(name: str, place: int) -> Callable[[nbformat.NotebookNode], None]:
    def move(notebook: nbformat.NotebookNode) -> None:
        cell = cell_of(notebook, name)
        notebook.cells.remove(cell)
        notebook.cells.insert(place, cell)

    return move


def as_text(notebook: nbformat.NotebookNode) -> None:
    cell = cell_of(notebook, "double")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (as_text, "no code cell any more, so it does not run: double"),
        (moved("double", 99), "the cell double was moved: cells run from top to bottom, and it "),
        (moved("test_double", 0), "cell test_double was moved: cells run from top to bottom"),
        (moved("setup", 99), "the cell setup was moved: cells run from top to bottom"),
        (moved("setup", 99), "it belongs above the cell double"),
        (gone, "the cell double is gone"),
        (retyped, "the cell test_seven is gone"),
        (twice, "double is there 2 times"),
        (changed, "changed, although locked: test_double"),
        (changed_setup, "changed, although locked: setup"),
        (grown, "Clear Outputs"),
    ],
)
def test_is_what_would_cost_points_named(handed_out, change, says: str) -> None:
    (sentence,) = missing(read(handed_out(change, **ANSWERS)))
    assert says in sentence


@pytest.mark.parametrize("other", ["def twice(x):\n    return double(x)", "print(2)", "Double = 2"])
def test_is_an_answer_by_another_name_told_to_keep_the_name(handed_out, other: str) -> None:
    (sentence,) = missing(read(handed_out(**{**ANSWERS, "double": other})))
    assert sentence.startswith("its cell makes nothing of this name: double (")


@pytest.mark.parametrize(
    "magic", ["%run mine.py", "exec(TEXT)", "from mine import *", "def double(x"]
)
def test_is_no_name_missed_where_nobody_can_tell(handed_out, magic: str) -> None:
    assert missing(read(handed_out(**{**ANSWERS, "double": magic}))) == []


def test_does_a_check_that_was_changed_count_nothing(handed_out) -> None:
    path = handed_out(changed, **ANSWERS)
    done = run_python(path.parent, "-m", "headcheck.cli", "check", path.name)
    (line,) = [line for line in done.stdout.splitlines() if "double" in line and "○" in line]
    assert line.endswith("passes, but this check was changed")
    assert "visible checks: 2 of 4 points" in done.stdout


def test_is_a_folder_told_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(NoNotebook, match=r"is a folder: name the notebook in it \(\*\.ipynb\)"):
        read(tmp_path)


def test_is_a_written_answer_in_another_place_no_fault(handed_out) -> None:
    assert missing(read(handed_out(moved("why_twice", 2), **ANSWERS))) == []


def test_is_an_open_exercise_with_a_copy_named_once(handed_out) -> None:
    first, *_ = missing(read(handed_out(twice, seven="seven = 7")))
    assert first.startswith("not answered: double") and first.count("double") == 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "{}", '{"cells": 3}', '{"cells": [1]}'),
        *('{"cells": [], "metadata": {"headcheck": 3}}', '{"cells": [], "metadata": 3}'),
    ],
)
def test_is_what_is_no_notebook_said_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    with pytest.raises(NoNotebook, match="no Jupyter notebook"):
        read(path)


def test_is_a_notebook_from_windows_read_as_any(handed_out) -> None:
    path = handed_out(**ANSWERS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert missing(read(path)) == []


@pytest.mark.parametrize("module", ["headcheck.start", "headcheck.done.check"])
def test_is_the_table_printed_where_the_terminal_knows_few_letters(handed_out, module: str) -> None:
    path = handed_out(**ANSWERS)
    code = (
        f"import sys; sys.argv = ['headcheck', 'check', {path.name!r}]\n"
        f"from {module} import main\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=path.parent,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252:strict", "PYTHONUTF8": "0"},
    )
    said = done.stdout.decode("utf-8", errors="replace")
    assert done.returncode == 0, done.stderr
    assert "4 of 4 points" in said and "complete" in said


def test_is_an_answer_that_ran_and_was_not_saved_named(handed_out) -> None:
    file = read(handed_out(**ANSWERS))
    ran = [ANSWERS["double"], "x = double(3)", ANSWERS["seven"] + "\n"]
    assert unsaved(file, ran) == []
    renamed = read(handed_out(**{**ANSWERS, "double": "def twice(x):\n    return 2 * x"}))
    assert unsaved(renamed, ran) == []  # it is called otherwise: that is said, and no more
    file = read(handed_out(**ANSWERS))
    (sentence,) = unsaved(file, [*ran, "def double(x):\n    return x + x"])
    assert "not saved" in sentence and "double" in sentence and "seven" not in sentence
    assert unsaved(file, []) == []  # a fresh kernel knows nothing


@pytest.mark.parametrize(
    ("answers", "code", "said"),
    [
        (ANSWERS, 0, ["✓ double", "4 of 4 points", "complete"]),
        ({}, 1, ["○ double", "not answered: double, seven", "0 of 4 points"]),
        (
            {**ANSWERS, "seven": "seven = 8", "double": "def double(x)\n    return 2"},
            1,
            [
                "✗ seven",
                "stops: SyntaxError: expected ':' (line 1 of the cell)",
                "0 of 4 points",
                "But 3 visible checks",
            ],
        ),
        (
            {**ANSWERS, "double": "def doubel(x):\n    return x + x"},
            1,
            [
                "its cell makes nothing that is called double",
                "makes nothing of this name: double (",
            ],
        ),
    ],
)
def test_does_the_terminal_say_it_plainly(handed_out, answers, code: int, said: list[str]) -> None:
    path = handed_out(**answers)
    done = run_python(path.parent, "-m", "headcheck.cli", "check", path.name)
    assert done.returncode == code, done.stderr
    for words in said:
        assert words in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@in_turn
def test_does_a_wrong_path_or_an_endless_loop_end_in_a_sentence(handed_out, tmp_path: Path) -> None:
    done = run_python(tmp_path, "-m", "headcheck.cli", "check", "nothing.ipynb")
    assert done.returncode == 2 and "there is no file nothing.ipynb" in done.stderr
    path = handed_out(seven="while True:\n    pass")
    done = run_python(tmp_path, "-m", "headcheck.cli", "check", str(path), "--seconds", "10")
    assert (
        done.returncode == 2 and "did not end within 10 s; it was at the cell seven" in done.stderr
    )


def add_cell(notebook: nbformat.NotebookNode, source: str) -> None:
    """A cell of the student's own, between an answer and its check."""
    place = notebook.cells.index(cell_of(notebook, "test_double"))
    notebook.cells.insert(place, nbformat.v4.new_code_cell(source))


@pytest.mark.parametrize(
    "habit",
    [
        "exit()",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(300,)).start()",
    ],
)
def test_does_what_harms_nothing_in_a_notebook_harm_nothing_in_the_terminal(
    handed_out, habit
) -> None:
    for answers in ({}, {"double": f"{habit}\n{ANSWERS['double']}"}):
        path = handed_out(lambda notebook: add_cell(notebook, habit), **{**ANSWERS, **answers})
        done = run_python(path.parent, "-m", "headcheck.cli", "check", path.name, "--seconds", "60")
        assert done.returncode == 0 and "4 of 4 points" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (
            "import os\n\nos._exit(0)",
            "Python itself ended at the cell that begins with 'import os'",
        ),
        ("import os\nos.kill(os.getpid(), 9)", "was the memory full?"),
    ],
)
def test_is_the_cell_named_that_ends_python_itself(handed_out, ends: str, said: str) -> None:
    path = handed_out(lambda notebook: add_cell(notebook, ends), **ANSWERS)
    done = run_python(path.parent, "-m", "headcheck.cli", "check", path.name)
    assert done.returncode == 2 and said in done.stderr


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ("number = int(input())", "its cell stops: EOFError: input() or a debugger"),
        (
            "breakpoint()",
            "its cell stops: BdbQuit: a debugger (breakpoint(), pdb.set_trace()) asks",
        ),
    ],
)
def test_is_it_said_that_nobody_can_be_asked(handed_out, waits: str, said: str) -> None:
    path = handed_out(**{**ANSWERS, "double": f"{waits}\n{ANSWERS['double']}"})
    done = run_python(path.parent, "-m", "headcheck.cli", "check", path.name)
    assert done.returncode == 1 and said in done.stdout, done.stderr


def test_is_the_notebook_found_wherever_it_runs(
    handed_out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    path = handed_out(**ANSWERS)
    monkeypatch.chdir(empty)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert own_file({}) is None and "save it" in not_found()
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    assert "File > Download Notebook" in not_found()
    assert own_file({"__vsc_ipynb_file__": str(path)}) == OwnFile(path)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert own_file({}) == OwnFile(path)
    # Colab has no file; it hands over what stands in the browser.
    notebook = json.loads(path.read_text("utf-8"))
    notebook["metadata"]["colab"] = {"name": "mine.ipynb"}
    colab = ModuleType("google.colab")
    colab._message = SimpleNamespace(blocking_request=lambda *_, **__: {"ipynb": notebook})
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    found = own_file({})
    assert found is not None and found.path.name == "mine.ipynb"
    file = read(found.path)
    assert missing(file) == []
    assert "mine.ipynb" in verdict(file, [], {}, download=found.download)[-1]
    assert "File > Download" in verdict(file, [], {}, download=found.download)[-1]
    colab._message = SimpleNamespace(blocking_request=lambda *_, **__: None)  # nobody answers
    assert own_file({}) == OwnFile(path)


def test_is_it_said_whether_there_is_no_notebook_or_more_than_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KAGGLE_KERNEL_RUN_TYPE", raising=False)
    assert "finds none in" in not_found() and "save it" in not_found()
    for name in ("one.ipynb", "two.ipynb"):
        (tmp_path / name).write_text("{}")
    assert own_file({}) is None
    assert "does not know which of the 2 in" in not_found() and "none" not in not_found()


def test_does_progress_print_the_table_in_a_notebook(handed_out) -> None:
    path = handed_out(**{**ANSWERS, "seven": "seven = 8"})
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells[1:4]]
    code = "\n".join(
        [
            "from IPython.core.interactiveshell import InteractiveShell",
            "shell = InteractiveShell.instance()",
            *(f"shell.run_cell({json.dumps(text)}, store_history=True)" for text in cells[:2]),
            "shell.run_cell('from headcheck import progress')",
            "shell.run_cell('progress()')",
        ]
    )
    done = run_python(path.parent, "-c", code)
    assert "✓ double" in done.stdout and "○ seven" in done.stdout, done.stderr
    assert "complete" in done.stdout


def test_does_progress_say_that_a_cell_makes_another_name(handed_out) -> None:
    other = "def twice(x):\n    return 2 * x"
    path = handed_out(**{**ANSWERS, "double": other})
    setup = nbformat.read(path, as_version=4).cells[1].source
    texts = [setup, other, ANSWERS["seven"], "from headcheck import progress\nprogress()"]
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in texts]
    NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}).execute()
    said = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert "its cell makes nothing that is called double" in said and "has not run" not in said


@pytest.mark.parametrize(
    ("slip", "why"),
    [
        ("def double(x)\n    return 2 * x", "is no Python yet (SyntaxError)"),
        ("import no_such_library\n" + ANSWERS["double"], "stops with an error"),
    ],
)
def test_does_progress_know_an_answer_that_only_an_earlier_run_has_made(
    handed_out, slip: str, why: str
) -> None:
    path = handed_out(**{**ANSWERS, "double": slip})  # saved with the slip
    setup = nbformat.read(path, as_version=4).cells[1].source
    cells = [setup, ANSWERS["double"], ANSWERS["seven"], slip, "from headcheck import progress"]
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in [*cells, "progress()"]]
    NotebookClient(
        notebook, allow_errors=True, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    said = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert f"the cell double {why}: mend it, and run it again" in said
    assert "✓ double" not in said and "✓ seven" in said and "not saved" not in said
    assert "complete" not in said


def test_does_an_answer_that_stops_itself_still_get_a_table(handed_out) -> None:
    path = handed_out(**{**ANSWERS, "double": "def double(x):\n    raise KeyboardInterrupt"})
    done = run_python(path.parent, "-m", "headcheck.cli", "check", path.name)
    assert done.returncode == 1 and "stopped before it was done" in done.stdout, done.stderr
    assert "✓ seven" in done.stdout and "1 of 4 points" in done.stdout


@pytest.mark.parametrize("takes", ["%reset -f", "del checking"])
def test_is_the_cell_named_that_takes_names_away(handed_out, takes: str) -> None:
    path = handed_out(lambda notebook: add_cell(notebook, takes), **ANSWERS)
    done = run_python(path.parent, "-m", "headcheck.cli", "check", path.name)
    assert done.returncode == 1, done.stderr
    assert f"checking is taken away by the cell that begins with '{takes}'" in done.stdout
    assert "run the cells above" not in done.stdout


def test_is_a_title_that_is_cut_seen_to_be_cut(handed_out) -> None:
    def lengthen(notebook: nbformat.NotebookNode) -> None:
        cell = cell_of(notebook, "test_double")
        cell.source = cell.source.replace('"double"', f'"double", step="{"of many words " * 4}"')

    file = read(handed_out(lengthen, **ANSWERS))
    titles = [line[2 : WIDTH + 2] for line in lines(file, {})[:3]]
    assert titles[0].rstrip().endswith("…") and len(titles[0]) == WIDTH
    assert titles[1].rstrip() == "double"
