"""Are tests left out only while nothing that they depend on has changed?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import unchanged
from hours import night
from real_course import ROOT
from unchanged import AUTHORING, ENGINE, TESTS, key_of

from headcheck import versions

HERE = Path(__file__).parent
CONFTEST = """
import sys
sys.path.insert(0, {here!r})
import unchanged
from pathlib import Path
unchanged.ENGINE = {{"one": (), "two": (), "three": ()}}
unchanged.AUTHORING = {{}}
unchanged.TESTS = Path(__file__).parent
real = unchanged._closure
unchanged._closure = lambda test: ({{test}}, set())
unchanged.versions.verdict.cache_clear()
unchanged.TESTS.parent.joinpath("constraints.txt").touch()
unchanged.TESTS.parent.joinpath("pyproject.toml").touch()

def pytest_configure(config):
    config.pluginmanager.register(unchanged.Unchanged(config))
"""
PASSES = "def test_it(): pass\ndef test_more(): pass\n"
SKIPS = "import pytest\ndef test_it(): pytest.skip('no')\ndef test_more(): pass\n"
FAILS = "def test_it(): assert False\ndef test_more(): pass\n"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    """One run of pytest after another; the last lines of what it says."""
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_text(CONFTEST.format(here=str(HERE)))
    for name, text in (("one", PASSES), ("two", SKIPS), ("three", FAILS), ("other", PASSES)):
        (tests / f"test_{name}.py").write_text(text)

    def once(*arguments: str) -> str:
        command = [sys.executable, "-m", "pytest", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return "\n".join(done.stdout.splitlines()[-4:])

    return once


@night("by day the keys, and a choice of tests")
def test_is_only_what_passed_whole_left_out_the_next_time(
    run: Callable[..., str], tmp_path: Path
) -> None:
    assert "1 failed, 6 passed, 1 skipped" in run("-n", "2", "--dist", "loadfile")
    second = run("-n", "2", "--dist", "loadfile")
    assert "Not run again" in second and "passed: test_one (in" in second
    assert "1 failed, 4 passed, 1 skipped" in second
    (tmp_path / "tests" / "test_one.py").write_text(PASSES + "# edited\n")
    assert "1 failed, 6 passed, 1 skipped" in run()


def test_is_a_choice_of_tests_no_whole_file(run: Callable[..., str]) -> None:
    run("-k", "more")
    assert "1 failed, 6 passed, 1 skipped" in run()


@pytest.mark.parametrize(
    ("test", "changed"),
    [
        ("jail", "headcheck/sandbox/jail.py"),
        ("jail", "headcheck/inside/checker/remote.py"),  # runs in the sandbox, imported by no test
        ("jail", "tests/ordinary_user.py"),
        ("kinds", "docs/authoring.md"),
        ("kinds", "tests/test_isolated.py"),
        ("words", "constraints.txt"),
        ("expect", "headcheck/heads/expect_head.py"),
        ("architectures", "source/06-assembly/06-assembly.py"),
        ("build", "headcheck/authoring/verify.py"),
        ("build", "headcheck/cli.py"),
        ("build", "notebooks/04-bricks/04-bricks.ipynb"),
        ("build", "tests/tiny_course.py"),
        ("bundle", "docs/glossary.md"),
        ("bundle", "student/README.md"),
        ("own_course", "headcheck/authoring/own/torch/lesson.py.txt"),
        ("own_course", "examples/penguins/README.md"),
        ("draws", "headcheck/desk/grade.py"),
        ("draws", "tests/mutants/02-the-cut/find_cut_second_pool.py"),
    ],
)
def test_does_a_change_of_what_they_depend_on_run_them_again(
    monkeypatch: pytest.MonkeyPatch, test: str, changed: str
) -> None:
    path = TESTS / f"test_{test}.py"
    before, real = key_of(path), Path.read_bytes
    versions.verdict.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda self: real(self) + b"#" * (self == ROOT / changed))
        assert key_of(path) != before
    versions.verdict.cache_clear()
    assert key_of(path) == before


def test_do_they_stay_unchanged_when_the_desk_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [*ENGINE, *(AUTHORING.keys() - {"draws"})]
    real, before = Path.read_bytes, [key_of(TESTS / f"test_{name}.py") for name in names]
    versions.verdict.cache_clear()
    desk = TESTS.parent / "headcheck" / "desk"
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda self: real(self) + b"#" * (desk in self.parents))
        assert [key_of(TESTS / f"test_{name}.py") for name in names] == before
    versions.verdict.cache_clear()


def test_does_none_of_the_engine_use_the_command_line() -> None:
    """What a command line does is told by no import."""
    through = {"real_course", "tiny_course", "marked_course", "in_process", "serving", "corpus"}
    for name in ENGINE:
        files, _ = unchanged._closure(TESTS / f"test_{name}.py")
        assert not {path.stem for path in files} & through, name
        assert (TESTS / f"test_{name}.py").is_file()


def test_does_none_of_authoring_use_the_desk() -> None:
    """Of what it starts, the names are told by no import."""
    through = {"marked_course", "in_process", "serving", "lms_class", "week"}
    for name in AUTHORING.keys() - {"draws"}:
        files, modules = unchanged._closure(TESTS / f"test_{name}.py")
        assert not {path.stem for path in files} & through, name
        assert not [module for module in modules if "desk" in module], name
        text = (TESTS / f"test_{name}.py").read_text()
        for command in ("grade", "collect", "feedback", "report", "export", "todo", "serve"):
            assert f'"{command}"' not in text.replace('{"grade": true', "").replace(
                '"grade": false', ""
            )
