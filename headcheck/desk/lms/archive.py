"""What lies in a downloaded zip or folder, entry by entry; what is unsafe is refused by itself.

The zip is a stranger's: each name, link, size and ratio is looked at before a byte is written, and one
bad entry never stops the others.
"""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from headcheck.course.directory import CourseError
from headcheck.course.reading import looks_like

MAX_ENTRIES = 50_000
MAX_NAME = 400  # characters of a path
MAX_RATIO = 200  # of unpacked to packed; text reaches 50
SMALL = 10 << 20  # below this no ratio matters
UTF8_FLAG = 0x800
ENCRYPTED = 0x1
ARCHIVES = (".zip", ".gz", ".tar", ".tgz", ".7z", ".rar", ".xz")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Files that programs leave behind; nobody handed them in.
_LEFTOVERS = re.compile(
    r"(^|/)(__MACOSX|\.ipynb_checkpoints|__pycache__|\.git)/|(^|/)(\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)$"
)


@dataclass(frozen=True)
class Entry:
    """One file that may be taken. `path` is relative, with forward slashes."""

    path: str
    size: int
    read: Callable[[], bytes]  # raises `Damaged`


@dataclass(frozen=True)
class Refused:
    """One file that is not taken, and why (half a sentence)."""

    path: str
    why: str


class Damaged(ValueError):
    """An entry that cannot be unpacked; the text says why."""


@dataclass(frozen=True)
class Contents:
    """All that a download holds."""

    entries: list[Entry]
    refused: list[Refused]


def open_download(place: Path, *, file_mib: int, total_mib: int) -> Contents:
    """The entries of a zip file or a folder.

    `file_mib`, `total_mib`: larger files, and files after that many bytes, are refused.
    Raises `CourseError` when the download itself cannot be read.
    """
    if place.is_dir():
        found = list(_in_folder(place))
    elif place.is_file():
        found = list(_in_zip(place))
    else:
        raise CourseError(
            f"{place} does not exist; name the zip (or folder) that the LMS gave you."
        )
    entries: list[Entry] = []
    refused = [one for one in found if isinstance(one, Refused)]
    total, seen = 0, set[str]()
    for entry in (one for one in found if isinstance(one, Entry)):
        folded = entry.path.casefold()
        total += entry.size
        if entry.size > file_mib << 20:
            why = (
                f"{entry.size >> 20} MiB unpacked, and one file may have {file_mib} MiB; ask for it without "
                "what was drawn and printed"
            )
        elif total > total_mib << 20:
            why = f"the download unpacks to more than {total_mib} MiB"
        elif folded in seen:
            why = "there is another entry of this name"
        else:
            seen.add(folded)
            entries.append(entry)
            continue
        refused.append(Refused(entry.path, why))
    return Contents(entries, refused)


# ---- zip files -----------------------------------------------------------------------------------


def _in_zip(file: Path) -> Iterator[Entry | Refused]:
    if not file.stat().st_size:
        raise CourseError(f"{file} is empty (0 bytes); download it again.")
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        if _other_archive(file):
            raise CourseError(
                f"{file} is no zip but another kind of archive; unpack it and name the folder."
            ) from None
        raise CourseError(f"{file} {_no_zip(file, error)}") from None
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise CourseError(f"{file} has {len(infos)} entries, more than {MAX_ENTRIES}.")
    for info in infos:
        name = _name(info)
        if info.is_dir() or _LEFTOVERS.search(name):
            continue
        why = _unsafe_name(name) or _unsafe_entry(info)
        if why:
            yield Refused(shown(name), why)
        else:
            yield Entry(_clean(name), info.file_size, partial(_unpack, archive, info))


def only_archive(contents: Contents) -> str:
    """The archive that a download holds and nothing else; empty where there is more."""
    names = [entry.path for entry in contents.entries]
    return names[0] if len(names) == 1 and names[0].casefold().endswith(ARCHIVES) else ""


def _no_zip(file: Path, error: Exception) -> str:
    """What a file is instead, and the remedy."""
    with file.open("rb") as opened:
        start = opened.read(1000)
    if start.startswith(b"PK\x03\x04"):
        return (
            f"cannot be read as a zip file ({error}): it begins like one, so the download may have broken off. "
            "Download it again."
        )
    if kind := looks_like(start):
        return f"is no zip: it is {kind}. Sign in to the LMS and download it again."
    return f"cannot be read as a zip file ({error}); download it again, or unpack it and name the folder."


def _other_archive(file: Path) -> bool:
    """gzip, xz, bzip2, 7z, rar or tar."""
    with file.open("rb") as opened:
        head = opened.read(262)
    begins = (b"\x1f\x8b", b"\xfd7zXZ", b"BZh", b"7z\xbc\xaf", b"Rar!")
    return head.startswith(begins) or head.endswith(b"ustar")


def _name(info: zipfile.ZipInfo) -> str:
    """Names that a program wrote as UTF-8 without saying so (Canvas does) read as cp437."""
    if info.flag_bits & UTF8_FLAG:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _unsafe_entry(info: zipfile.ZipInfo) -> str | None:
    mode = info.external_attr >> 16
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        return "a link or special file; only ordinary files are taken"
    if info.flag_bits & ENCRYPTED:
        return "it is encrypted"
    if info.file_size > SMALL and info.file_size > MAX_RATIO * max(1, info.compress_size):
        return (
            f"{info.compress_size} bytes would become {info.file_size >> 20} MiB; if that is somebody's work, "
            "unpack the zip and collect the folder"
        )
    return None


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            data = _at_most(file, info.file_size)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise Damaged(f"it cannot be unpacked ({error})") from None
    except Exception as error:  # zlib.error, lzma.LZMAError: each method has its own
        raise Damaged(f"it cannot be unpacked ({type(error).__name__})") from None
    return data


def _at_most(file: IO[bytes], size: int) -> bytes:
    data = file.read(size + 1)
    if len(data) > size:
        raise Damaged("it unpacks to more than it says")
    return data


# ---- folders -------------------------------------------------------------------------------------


def _in_folder(folder: Path) -> Iterator[Entry | Refused]:
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if number > MAX_ENTRIES:
            raise CourseError(f"{folder} holds more than {MAX_ENTRIES} files.")
        name = path.relative_to(folder).as_posix()
        if _LEFTOVERS.search(name + ("/" if path.is_dir() else "")):
            continue
        if path.is_symlink():
            yield Refused(shown(name), "a link; only ordinary files are taken")
        elif path.is_file():
            why = _unsafe_name(name)
            if why:
                yield Refused(shown(name), why)
            else:
                yield Entry(_clean(name), path.stat().st_size, partial(_read, path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Damaged(f"it cannot be read ({error.strerror})") from None


# ---- names ---------------------------------------------------------------------------------------


def _unsafe_name(name: str) -> str | None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in parts:
        return "its name leads out of the folder"
    if not parts or len(name) > MAX_NAME or any(len(part.encode()) > 250 for part in parts):
        return "its name is too long"
    if _CONTROL.search(name):
        return "its name holds control characters"
    return None


def _clean(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).as_posix()


def shown(name: str) -> str:
    """A name as it may be shown in a terminal: no control characters, not endless."""
    short = name if len(name) <= 120 else f"{name[:100]}...{name[-15:]}"
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", short)
