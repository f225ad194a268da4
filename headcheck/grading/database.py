"""The database behind the gradebook: how it is opened, and in words why it cannot be used.

Trouble with a database has many causes and only one of them is damage. Each has its own sentence,
because the remedy of one (put a copy back) loses the marks of another.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

from headcheck.course.directory import Course, CourseError

PATIENCE = 20  # seconds to wait while another program writes

KEPT = "What was finished is kept."


def patient(url: str) -> str:
    """The address with a time to wait for other programs, where SQLite has none of its own."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or "timeout" in parsed.query:
        return url
    parsed = parsed.update_query_dict({"timeout": str(PATIENCE)})
    return parsed.render_as_string(hide_password=False)


def shown(url: str) -> str:
    """The address as it may be printed: the path of a file, or the server without the password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return "named by db_url in grader_config.py"
    if parsed.get_backend_name() == "sqlite":
        return parsed.database or "in memory"
    # A password may also stand behind the question mark.
    return parsed.set(query={}).render_as_string(hide_password=True)


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None when it is on a server, or nowhere."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


@contextmanager
def in_words(course: Course) -> Iterator[None]:
    """Trouble with the course's database becomes a `CourseError`: cause and remedy, no password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise CourseError(sentence(course.db_url, error)) from None


def sentence(url: str, error: Exception) -> str:
    """Why the database cannot be used, and what to do."""
    where = f"The gradebook {shown(url)}"
    if isinstance(error, ImportError):
        return f"{where} needs a package that is not installed ({error.name}). {_driver(url)}"
    if met_another(error):
        return (
            f"{where} was written by another grader at the very same moment. Run the same command "
            f"again. {KEPT}"
        )
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, sqlite3.Error):
        return f"{where} {_of_sqlite(cause, sqlite_file(url))}"
    reason = _without_secrets(str(cause).strip().splitlines()[0] if str(cause).strip() else "", url)
    state = getattr(cause, "sqlstate", None) or ""
    if state == "42501":
        return (
            f"{where} lets your database user read, but not do this ({reason}). Its owner grants "
            f"that: `GRANT ALL ON ALL TABLES IN SCHEMA public TO ...`. {KEPT}"
        )
    if state == "25006":
        return f"{where} is read-only just now ({reason}). Is it a copy of the real server? {KEPT}"
    if state == "53100":
        return f"{where} cannot grow: the disk of its server is full. {KEPT}"
    if isinstance(error, ProgrammingError):
        return f"{where} is of another version of nbgrader ({reason}). {_UPGRADE_SERVER}"
    if isinstance(error, OperationalError | InterfaceError):
        return (
            f"{where} does not answer ({reason.rstrip('.')}). Look whether the server runs and "
            f"whether db_url in grader_config.py is right; run the same command again then. {KEPT}"
        )
    return f"{where} cannot be used ({reason.rstrip('.')}); look at db_url in grader_config.py."


_UPGRADE = "Make a copy of it, then run `nbgrader db upgrade`."
_UPGRADE_SERVER = (
    "Save it with pg_dump first. `nbgrader db upgrade` alone fails on Postgres that holds an "
    "assignment; docs/scaling.md has the lines that go before it."
)


def met_another(error: Exception) -> bool:
    """Whether another program wrote the same rows at the same moment: then once more is right."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return isinstance(error, IntegrityError) or state in ("40001", "40P01")


def _driver(url: str) -> str:
    if _backend(url) == "postgresql":
        return "Install it: pip install -c constraints.txt -e '.[postgres]'"
    return "Install the one that this kind of database needs (SQLAlchemy's list of dialects)."


def _backend(url: str) -> str:
    try:
        return make_url(url).get_backend_name()
    except (ArgumentError, ValueError):
        return ""


def check_driver(course: Course) -> None:
    """Raises `CourseError` when the package is missing that talks to this kind of database."""
    try:
        make_url(course.db_url).get_dialect().import_dbapi()
    except (ImportError, SQLAlchemyError, ValueError) as error:
        raise CourseError(sentence(course.db_url, error)) from None


def _of_sqlite(error: sqlite3.Error, file: Path | None) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    folder = file.parent if file is not None else "its folder"
    match code if code is None else code & 0xFF:  # the rest of the number is detail
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                "is in use by another program, and not damaged: close that program (formgrader, a "
                f"database browser) and run the same command again. {KEPT}"
            )
        case sqlite3.SQLITE_FULL:
            return (
                f"cannot grow: the disk of {folder} is full. Free some space and run the same "
                f"command again. {KEPT}"
            )
        case sqlite3.SQLITE_READONLY:
            return f"{_read_only(folder)} {KEPT}"
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return (
                f"cannot be opened: {folder} is missing, or you may not read and write there "
                f"(`ls -ld` says whose it is). {KEPT}"
            )
        case sqlite3.SQLITE_IOERR:
            return (
                f"cannot be read or written: the disk of {folder} reports an error ({error}). It "
                "may be full, over your quota, or no longer connected. Mend that, then run the "
                f"same command again. {KEPT}"
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return (
                f"is damaged ({error}). Keep the file, and put the newest copy from backups/ in "
                "its place; `headcheck grade` then grades what is missing there."
            )
    return f"cannot be used ({error}). If nbgrader was updated: {_UPGRADE}"


def _read_only(folder: Path | str) -> str:
    return (
        f"is read-only for you, or {folder} is. Make both writable (`ls -ld` says whose they are) and "
        "run the same command again."
    )


def why_not_written(url: str) -> str:
    """Why this user can read the database and not write it; empty where that can be tried.

    SQLite needs its folder, too. What a server allows is said when it is asked.
    """
    file = sqlite_file(url)
    if file is None or not file.exists():
        return ""
    if all(os.access(path, os.W_OK) for path in (file, file.parent)):
        return ""
    return f"The gradebook {shown(url)} {_read_only(file.parent)}"


def _without_secrets(text: str, url: str) -> str:
    secrets: list[object] = [url]
    try:
        parsed = make_url(url)
        secrets += [parsed.password, *parsed.query.values()]
    except (ArgumentError, ValueError):
        pass  # then the address as a whole is all there is to hide
    for secret in secrets:
        if secret and isinstance(secret, str):
            text = text.replace(secret, "...")
    return text


def stamp_if_empty(url: str) -> None:
    """Tell an empty database which version of nbgrader's tables it is going to hold.

    nbgrader would ask the program `alembic`, by name: it costs two seconds, and is not found where no
    virtual environment is activated. Alembic's library writes the same.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            if inspect(connection).get_table_names():
                return
            from alembic.runtime.migration import MigrationContext
            from alembic.script import ScriptDirectory
            from nbgrader.dbutil import ALEMBIC_DIR

            MigrationContext.configure(connection).stamp(ScriptDirectory(ALEMBIC_DIR), "head")
    finally:
        engine.dispose()
