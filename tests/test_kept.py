"""Is what an earlier run graded used again only while nothing has changed, and only what was right?"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import kept as module
import pytest
from kept import code_key, kept

from headcheck import versions


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """One run of the tests after another; says what the folder holds."""
    monkeypatch.setattr(module, "IN_THE_NIGHT", False)
    (tmp_path / "cache").mkdir()
    config = SimpleNamespace(cache=SimpleNamespace(mkdir=lambda name: tmp_path / "cache"))
    runs = count()

    def one_run(*parts: str, makes: str, right: bool = True) -> str:
        place = tmp_path / f"run{next(runs)}"
        place.mkdir()
        monkeypatch.setattr(module, "once", lambda factory, name, make: _made(place, make))

        def make(folder: Path) -> None:
            (folder / "course").mkdir()
            (folder / "course" / "marks").write_text(makes)
            (folder / "link").symlink_to("course/marks")

        folder = kept(config, None, "a class", parts, make, lambda _: right)  # type: ignore[arg-type]
        assert (folder / "link").is_symlink()
        return (folder / "link").read_text()

    return one_run


def _made(place: Path, make: Any) -> Path:
    make(place)
    return place


@pytest.mark.filterwarnings("ignore:a class. kept")
def test_is_it_made_again_only_when_a_part_has_changed(run: Any) -> None:
    assert run("code 1", "lesson 1", makes="first") == "first"
    assert run("code 1", "lesson 1", makes="second") == "first"
    assert run("code 2", "lesson 1", makes="third") == "third"
    assert run("code 1", "lesson 1", makes="fourth") == "fourth"  # one alone is kept


def test_is_what_was_wrong_made_again(run: Any) -> None:
    assert run("code", makes="wrong", right=False) == "wrong"
    assert run("code", makes="right") == "right"


def test_does_the_long_run_neither_use_nor_keep(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IN_THE_NIGHT", True)
    assert run("code", makes="first") == "first"
    assert run("code", makes="second") == "second"


def test_do_marks_depend_on_the_code_that_grades_and_on_the_tests_that_hand_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = code_key.__wrapped__()
    for path in ("sandbox/jail.py", "inside/checker/remote.py", "grading/gradebook.py", "cli.py"):
        real = Path.read_bytes

        def changed(self: Path, end: str = path, real: Any = real) -> bytes:
            return real(self) + b"#" * self.as_posix().endswith(f"headcheck/{end}")

        versions.verdict.cache_clear()
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", changed)
            assert code_key.__wrapped__() != before, path
    versions.verdict.cache_clear()
    assert code_key.__wrapped__() == before
