"""A folder that a command makes again and again: it replaces what it made there, and nothing else.

What somebody put beside that stays (a `.git`, from which the folder is published); what somebody
changed, or another file where one of ours belongs, is named, and nothing is written. A list in the
folder says what was made.
"""

from __future__ import annotations

from pathlib import Path

from headcheck.course.directory import CourseError
from headcheck.course.files import digest, write_whole


def put(made: Path, folder: Path, list_name: str) -> None:
    """Bring `folder` to what is in `made`. Raises `CourseError` when something else is in the way."""
    new = {path.relative_to(made).as_posix(): path for path in made.rglob("*") if path.is_file()}
    lines = {_line(name, path) for name, path in new.items()}
    before = _listed(folder / list_name)
    old = {line.partition("  ")[2] for line in before}
    for name in sorted(new.keys() | old):
        if not _free(folder / name, name, before | lines):
            raise CourseError(
                f"{folder / name} is not as this command made it; nothing was written. Move it away, or "
                "name another folder."
            )
    # Until the end both count as ours: whatever ends the command, the next one goes on from there.
    write_whole(folder / list_name, _text(before | lines))
    for name, path in new.items():
        write_whole(folder / name, path.read_bytes())
    for name in old - new.keys():
        (folder / name).unlink(missing_ok=True)
        _remove_empty((folder / name).parent, folder)
    write_whole(folder / list_name, _text(lines))


def _free(path: Path, name: str, ours: set[str]) -> bool:
    """Whether nothing is there, or what we made."""
    if path.is_symlink() or path.is_dir():
        return False
    return not path.exists() or _line(name, path) in ours


def _line(name: str, path: Path) -> str:
    return f"{digest([path.read_bytes()])}  {name}"


def _listed(path: Path) -> set[str]:
    return set(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else set()


def _text(lines: set[str]) -> bytes:
    return "".join(f"{line}\n" for line in sorted(lines, key=lambda line: line[66:])).encode()


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
