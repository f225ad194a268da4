"""A real Postgres of the tests' own: a Unix socket in a temporary folder, no port, no root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

PASSWORD = "s3cr:et/%41"  # no word of it may be printed
SECRET = "s3cr"


def programs() -> Path:
    """Where Postgres's programs lie. Skips the test where there are none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if not found and (named := shutil.which("postgres")):
        found = [Path(named).resolve().parent]
    if not found:
        pytest.skip("needs PostgreSQL (Debian: apt install postgresql)")
    return max(found)


@dataclass
class Server:
    """A running server; `database()` makes one more, and says its address."""

    bin: Path
    folder: Path
    process: subprocess.Popen[bytes]
    be: list[str]
    _numbers: Iterator[int] = field(default_factory=count)

    def database(self, template: str = "template1") -> str:
        name = f"course{next(self._numbers)}"
        self.sql("postgres", f'CREATE DATABASE {name} TEMPLATE "{template}"')
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://grader:{quote(PASSWORD, safe='')}@/{name}?host={self.folder}"

    def sql(self, database: str, text: str) -> str:
        """What psql prints for it, without headings."""
        command = [self.bin / "psql", "-h", self.folder, "-U", "grader", "-d", database, "-qAtX"]
        done = subprocess.run(
            [*command, "-v", "ON_ERROR_STOP=1", "-c", text],
            env={**os.environ, "PGPASSWORD": PASSWORD},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def name_of(url: str) -> str:
    return url.rpartition("@/")[2].partition("?")[0]


@contextmanager
def server() -> Iterator[Server]:
    """Start one and end it; everything it wrote goes with it."""
    bin = programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has few letters
    be: list[str] = []
    if os.getuid() == 0:  # which it refuses to run as
        be = ["setpriv", f"--reuid={(user := _other()).pw_uid}", f"--regid={user.pw_gid}"]
        be += ["--clear-groups"]
        os.chown(folder, user.pw_uid, user.pw_gid)
    password = folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    data = folder / "data"
    init = [bin / "initdb", "-D", data, "-U", "grader", "--pwfile", password, "--no-sync"]
    done = subprocess.run(
        [*be, *init, "--auth=scram-sha-256", "-E", "UTF8", "--locale=C"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    settings = [f"-k{folder}", "-clisten_addresses=", "-cfsync=off", "-cshared_buffers=16MB"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*be, bin / "postgres", "-D", data, *settings], cwd=folder, stderr=log, stdout=log
        )
    try:
        ready = [bin / "pg_isready", "-h", folder, "-t", "60", "-q"]
        while subprocess.run(ready).returncode:
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.05)
        yield Server(bin, folder, process, be)
    finally:
        process.send_signal(signal.SIGINT)  # ends whoever is connected, too
        process.wait()
        shutil.rmtree(folder)


def _other() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("needs a user that is not root")
