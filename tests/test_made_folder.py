"""Does a command that makes a folder anew cost nobody what they put there?"""

from __future__ import annotations

from pathlib import Path

import pytest

from headcheck.authoring import made_folder
from headcheck.authoring.made_folder import put
from headcheck.course.directory import CourseError

LIST = ".made"


def filled(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def held(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != LIST)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    put(filled(tmp_path / "first", {"a": "1", "old/b": "1"}), tmp_path / "site", LIST)
    return tmp_path / "site"


def test_is_only_replaced_what_was_made_there(site: Path, tmp_path: Path) -> None:
    filled(site, {".git/HEAD": "ours", "CNAME": "a.example"})
    put(filled(tmp_path / "second", {"a": "2", "new/c": "2"}), site, LIST)
    assert held(site) == {"a": "2", "new/c": "2", ".git/HEAD": "ours", "CNAME": "a.example"}
    assert not (site / "old").exists()


@pytest.mark.parametrize("name", ["a", "old/b", "new/c"])
def test_is_what_a_person_wrote_there_named_and_left(site: Path, tmp_path: Path, name: str) -> None:
    before = held(filled(site, {name: "by hand"}))
    with pytest.raises(CourseError, match=f"{name} is not as this command made it"):
        put(filled(tmp_path / "second", {"a": "2", "new/c": "2"}), site, LIST)
    assert held(site) == before


def test_is_a_folder_of_somebody_elses_work_left_as_it_is(tmp_path: Path) -> None:
    work = filled(tmp_path / "work", {"index.html": "mine", "index-pages/notes": "mine"})
    with pytest.raises(CourseError, match=r"index\.html"):
        put(filled(tmp_path / "made", {"a": "1", "index.html": "1"}), work, LIST)
    assert held(work) == {"index.html": "mine", "index-pages/notes": "mine"}


def test_goes_the_next_one_on_where_one_was_ended(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = filled(tmp_path / "second", {"a": "2", "c": "2"})
    write, written = made_folder.write_whole, []

    def ends(path: Path, data: bytes) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        write(path, data)

    with monkeypatch.context() as during:
        during.setattr(made_folder, "write_whole", ends)
        with pytest.raises(KeyboardInterrupt):
            put(second, site, LIST)
    put(filled(tmp_path / "third", {"a": "3", "c": "3"}), site, LIST)
    assert held(site) == {"a": "3", "c": "3"}
