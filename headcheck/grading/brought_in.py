"""What students handed in through nbgrader's exchange, brought into `submitted/`.

nbgrader's own step chooses and copies. Before it does, each submission is looked at: folders there
are the students' own, so a link in one would be followed with our rights, a name may be somebody
else's, and one may be half written. What is refused stays where it is, and it is said why.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from headcheck.course.handed_over import has_stamp, is_given_up
from headcheck.grading import nbgrader_steps  # noqa: F401  (nbgrader reads a timestamp.txt as we do)
from headcheck.grading.exchange import Exchange
from headcheck.grading.handed_in import read_time

REST_SECONDS = 1.0  # that nothing changes in one that looks half done
MAX_FILES = 10_000
ASIDE = ".arriving-"
_STUDENT = re.compile(r"[^\s.*?\[\]+/\\][^*?\[\]+/\\]*")
_LONG_AGO = datetime(1, 1, 1)

Record = dict[str, Any]  # nbgrader's: username, filename, timestamp


class NotTaken(Exception):
    """Why a submission is left where it is."""


class _NotYet(NotTaken):
    """It is being written."""


class Collect(ExchangeCollect):  # type: ignore[misc]
    """nbgrader's step, for submissions that are whole, plain, and their owner's."""

    src_records: list[Record]

    def __init__(self, *, students: Collection[str] = (), **options: Any) -> None:
        super().__init__(**options)
        self.students = students
        self.taken: list[str] = []  # names of folders
        self.refused: dict[str, str] = {}  # name -> why
        self._whose: dict[str, str] = {}
        self._not_yet: set[str] = set()
        self._failed = 0

    def start(self) -> None:
        """Collect; where the newest of a student cannot be copied, the one before it."""
        failed = -1
        while failed != self._failed:
            failed = self._failed
            super().start()

    def told(self) -> list[str]:
        """Sentences about what was left where it is, of the students who were asked for."""
        return [
            f"{os.path.join(self.inbound_path, name)!a} is left where it is: {why}."
            for name, why in sorted(self.refused.items())
            if not self.students or self._whose.get(name) in self.students
        ]

    def init_src(self) -> None:
        super().init_src()
        self.src_records = [
            record
            for record in self.src_records
            if self._is_good(record) and (not self.students or record["username"] in self.students)
        ]

    def _path_to_record(self, path: str) -> Record:
        name = os.path.basename(path)
        try:
            record: Record = super()._path_to_record(path)
            if name.rsplit("+", 3)[1] != self.coursedir.assignment_id:
                raise ValueError
        except Exception:  # names are students' own, and another library reads the time in them
            self.refused.setdefault(
                name, "its name is not <student>+<assignment>+<time>, as `nbgrader submit` names it"
            )
            return {"username": "", "filename": name, "timestamp": _LONG_AGO}
        if (when := read_time(name.rsplit("+", 3)[2].encode()).when) is not None:
            record["timestamp"] = when  # nbgrader knows no summer time, and takes it for UTC
        self._whose[name] = record["username"]
        if name not in self.refused:
            try:
                look(Path(path), record["username"], check_owner=self.check_owner)
            except _NotYet:
                self._not_yet.add(name)
            except (NotTaken, OSError) as why:
                self.refused[name] = str(why)
        return record

    def _sort_by_timestamp(self, records: Sequence[Record]) -> list[Record]:
        """The newest first; of two in one second the later one is the newer."""
        good = [record for record in records if self._is_good(record)]
        same: dict[datetime, list[Record]] = {}
        for record in good:
            same.setdefault(record["timestamp"], []).append(record)
        for several in same.values():
            for more, record in enumerate(sorted(several, key=self._changed)):
                record["timestamp"] += timedelta(microseconds=more)
        found: list[Record] = super()._sort_by_timestamp(good or records)
        return found

    def _changed(self, record: Record) -> float:
        try:
            return os.lstat(os.path.join(self.inbound_path, record["filename"])).st_ctime
        except OSError:
            return 0.0

    def _is_good(self, record: Record) -> bool:
        return record["filename"] not in self.refused and record["filename"] not in self._not_yet

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one whole: what lies in `submitted/` is never half of it."""
        name, target = os.path.basename(src), Path(dest)
        aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=submitted(self.coursedir)))
        try:
            copy_plain(Path(src), aside / "plain", 1000 * self.coursedir.max_dir_size)
            super().do_copy(str(aside / "plain"), str(aside / "whole"))
            (aside / "whole").rename(target)
            self.taken.append(name)
        except FileNotFoundError:
            self._failed += 1
            self.refused[name] = "it was taken away while it was copied"
        except (NotTaken, OSError, RuntimeError) as error:  # a tree of folders may be too deep
            self._failed += 1
            self.refused[name] = f"it cannot be copied ({error})"
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def bring_in(exchange: Exchange, lesson: str, students: Collection[str]) -> Collect:
    """Collect a lesson; `students`: these alone, if any. Raises `ExchangeError`."""
    directory = exchange.directory(lesson=lesson)
    top = submitted(directory)
    top.mkdir(exist_ok=True)
    for left in top.glob(f"{ASIDE}*"):  # by one that was killed
        shutil.rmtree(left, ignore_errors=True)
    made: Collect = exchange.run(Collect, directory, students=students, update=True)
    return made


def submitted(directory: Any) -> Path:
    """The folder of all that was handed in."""
    return Path(directory.root) / str(directory.submitted_directory)


def look(folder: Path, student: str, *, check_owner: bool) -> None:
    """Raises `NotTaken` when a submission cannot be this student's, or is not all there."""
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise NotTaken("it is no folder")
    if not student.isprintable() or not _STUDENT.fullmatch(student):
        raise NotTaken(f"{student!a} is no name of a student")
    if check_owner and (owner := _name_of(found.st_uid)) != student:
        raise NotTaken(
            f"it says that it is by {student}, and it belongs to {owner}. If all students have one "
            "account on your hub, set c.ExchangeCollect.check_owner = False"
        )
    if not has_stamp(folder):
        raise _NotYet
    if not is_given_up(folder) and _changed_last(folder) > time.time() - REST_SECONDS:
        raise _NotYet


def _name_of(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _changed_last(folder: Path) -> float:
    """When something in a folder changed last."""
    newest = os.lstat(folder).st_ctime
    for top, folders, names in os.walk(folder):
        for name in (*folders, *names):
            try:
                newest = max(newest, os.lstat(os.path.join(top, name)).st_ctime)
            except OSError:  # it is being replaced
                return time.time()
    return newest


def copy_plain(source: Path, target: Path, most: int) -> None:
    """Copy folders and plain files, all of one owner. Raises `NotTaken` for anything else, OSError.

    The student can change it meanwhile: so each file is opened once, below an open folder, and what was
    opened is what is looked at.
    """
    owner, count = os.lstat(source).st_uid, 0
    for top, folders, names, here in os.fwalk(source, onerror=_raise):
        to = target / os.path.relpath(top, source)
        to.mkdir()
        for name in folders:
            if stat.S_ISLNK(os.lstat(name, dir_fd=here).st_mode):
                raise NotTaken(f"{name!a} in it is a link")
        for name in names:
            count += 1
            most -= _copy_file(name, here, to / name, owner, most)
            if count > MAX_FILES:
                raise NotTaken(f"it holds more than {MAX_FILES} files")
    if not target.is_dir():  # a link in its place is not walked
        raise NotTaken("it is no folder any more")


def _raise(error: OSError) -> None:
    raise error


def _copy_file(name: str, folder: int, to: Path, owner: int, most: int) -> int:
    """Copy one file; its size."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        kind = os.lstat(name, dir_fd=folder).st_mode
        if stat.S_ISREG(kind):
            raise
        raise NotTaken(f"{name!a} in it is a {_kind(kind)}") from error
    with open(file, "rb") as data:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise NotTaken(f"{name!a} in it is a {_kind(found.st_mode)}")
        if found.st_uid != owner:  # by a hard link it may be anybody's
            raise NotTaken(f"{name!a} in it belongs to {_name_of(found.st_uid)}")
        left = most
        with to.open("wb") as copy:
            while chunk := data.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    raise NotTaken("it is larger than c.CourseDirectory.max_dir_size allows")
                copy.write(chunk)
    return most - left


def _kind(mode: int) -> str:
    return "link" if stat.S_ISLNK(mode) else "special file"
