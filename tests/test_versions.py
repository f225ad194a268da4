"""Does a changed file make those results be made again that depend on it, and no others?"""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from hours import night

from headcheck import versions


def names(*modules: str) -> set[str]:
    return {path.relative_to(versions._PACKAGE).as_posix() for path in versions.code_of(*modules)}


@night("by day what depends on what, by the text")
def test_a_verdict_depends_on_all_that_runs_in_the_sandbox() -> None:
    """Asked of Python itself: what a warm process has imported."""
    code = (
        "import gc, sys; from headcheck.inside import warm; warm.import_everything(['torch', 'torchvision', 'fastai.vision.all']);"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'headcheck'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    told = {str(path) for path in versions.code_of(*versions._IN_THE_SANDBOX)}
    assert len(loaded) > 20
    assert {path for path in loaded if path.endswith(".py")} <= told


def test_the_report_changes_no_verdict() -> None:
    found = names(
        "headcheck.grading.submission",
        "headcheck.grading.engines.isolated",
        *versions._IN_THE_SANDBOX,
    )
    assert "lesson/same_function.py" in found
    assert "course/cells.py" in found
    assert not {"desk/report.py", "desk/console.py", "authoring/release.py", "cli.py"} & found


def test_a_release_depends_on_the_stubs_and_on_no_check() -> None:
    found = names("headcheck.authoring.release", "headcheck.authoring.stubs")
    assert {"authoring/stubs.py", "lesson/stub.py"} <= found
    assert not {"lesson/measure.py", "lesson/values.py", "grading/submission.py"} & found
    assert not [name for name in found if name.startswith(("inside/", "grading/engines/", "desk/"))]


def test_are_all_imports_seen_that_python_sees() -> None:
    """`versions` reads lines; here every file is parsed."""
    for path in versions._PACKAGE.rglob("*.py"):
        wanted = set()
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path}: a relative import is not seen"
                wanted |= {f"{node.module}.{alias.name}" for alias in node.names}
        wanted = {name for name in wanted if name.split(".")[0] == "headcheck"}
        assert wanted <= set(versions._imports(path)), path


def test_an_edited_file_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    before = versions.verdict()
    copy = tmp_path / "headcheck"
    subprocess.run(["cp", "-r", versions._PACKAGE, copy], check=True)
    monkeypatch.setattr(versions, "_PACKAGE", copy)
    for cached in (versions.verdict, versions._imports):
        cached.cache_clear()
    assert versions.verdict() == before
    (copy / "desk/report.py").write_text("# another report")
    versions.verdict.cache_clear()
    assert versions.verdict() == before
    (copy / "lesson/layers.py").write_text("# other layers")
    versions.verdict.cache_clear()
    assert versions.verdict() != before
    versions.verdict.cache_clear()


def test_a_module_that_moved_is_not_left_out_in_silence() -> None:
    with pytest.raises(LookupError, match="no_such"):
        versions.code_of("headcheck.grading.no_such")
