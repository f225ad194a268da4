"""Commands as several ordinary users of this machine, who have names, homes and nothing else.

A process of root's, in a mount namespace of its own (`/etc/passwd` has the users there, root's home is
closed), forks for each command, and the child becomes the user. It imports nbgrader once for all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pytest

FIRST = 23_000  # number of the first user
_SCRIPT = """
set -e
hold=$(mktemp -d)
mount --bind "$1" "$hold"
mount -t tmpfs -o mode=755 tmpfs "$HOME"
mkdir -p "$1"
mount --move "$hold" "$1"
rmdir "$hold"
mount --bind "$2" /etc/passwd
shift 2
exec "$@"
"""


class Users:
    """`names`: users, each with a home of their own below `folder`, which nobody else may read.

    `among`: what a command of root's begins with to see these users.
    """

    def __init__(self, folder: Path, names: list[str], first: int) -> None:
        if os.getuid() != 0 or not shutil.which("unshare"):
            pytest.skip("needs root and unshare (util-linux) to be several users")
        self.folder, self.numbers = folder, {}
        lines = Path("/etc/passwd").read_text()
        for number, name in enumerate(names, first):
            self.numbers[name] = number
            home = self.home(name)
            home.mkdir(mode=0o700)
            os.chown(home, number, number)
            lines += f"{name}:x:{number}:{number}::{home}:/bin/sh\n"
        (folder / "passwd").write_text(lines)
        interpreter = Path(sys.base_prefix)
        if not interpreter.is_relative_to(Path.home()):
            interpreter = Path(sys.prefix)
        among = [_SCRIPT, "users", str(interpreter), str(folder / "passwd")]
        self.among = ["unshare", "-m", "bash", "-c", *among]
        self._log = (folder / "log").open("wb")
        self._server = subprocess.Popen(
            [*self.among, sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def home(self, name: str) -> Path:
        return self.folder / name

    def write(self, name: str, path: str, text: str) -> None:
        """A file of this user's, below their home."""
        file = self.home(name) / path
        for folder in [*reversed(file.relative_to(self.home(name)).parents)][1:]:
            self._own(name, self.home(name) / folder, make=True)
        file.write_text(text)
        self._own(name, file)

    def give(self, name: str) -> None:
        """All that lies in this home is its user's."""
        for path in self.home(name).rglob("*"):
            self._own(name, path)

    def as_one(self, name: str) -> list[str]:
        """What a command begins with that this user types."""
        number, home = self.numbers[name], self.home(name)
        become = ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"]
        return [*self.among, *become, "env", f"HOME={home}", f"USER={name}", f"LOGNAME={name}"]

    def _own(self, name: str, path: Path, *, make: bool = False) -> None:
        if make:
            path.mkdir(exist_ok=True)
        os.chown(path, self.numbers[name], self.numbers[name], follow_symlinks=False)

    def run(self, name: str, *command: str, where: str = "") -> subprocess.CompletedProcess[str]:
        """`python -m command` by this user, in a folder of their home."""
        request = {
            "user": self.numbers[name],
            "home": str(self.home(name)),
            "name": name,
            "where": str(self.home(name) / where),
            "command": command,
        }
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        assert answer, (self.folder / "log").read_text()
        return subprocess.CompletedProcess(command, **json.loads(answer))

    def __enter__(self) -> Users:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.close()  # it ends when nothing more can be asked
        self._server.wait(timeout=300)
        self._server.stdout.close()
        self._log.close()


@contextmanager
def users(*names: str, first: int = FIRST) -> Iterator[Users]:
    """In a folder that everybody may enter, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="users-") as folder:
        Path(folder).chmod(0o755)
        with Users(Path(folder), [*names], first) as found:
            yield found


# ---- the process of root's -----------------------------------------------------------------------


def _serve() -> None:
    import importlib

    sys.path[:] = [place for place in sys.path if place != str(Path(__file__).parent)]
    for module in ("nbgrader.apps", "headcheck.cli", "headcheck.desk.grade", "nbconvert.exporters"):
        importlib.import_module(module)
    for line in sys.stdin:
        print(json.dumps(_as_user(json.loads(line))), flush=True)


def _as_user(request: dict[str, object]) -> dict[str, object]:
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                code = _command(request)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        code = os.waitstatus_to_exitcode(status)
        return {"returncode": code, "stdout": out.read(), "stderr": err.read()}


def _command(request: dict[str, object]) -> int:
    import runpy

    user, command = int(str(request["user"])), list(request["command"])  # type: ignore[call-overload]
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    os.umask(0o022)
    os.environ.update(
        HOME=str(request["home"]), USER=str(request["name"]), LOGNAME=str(request["name"])
    )
    os.chdir(str(request["where"]))
    beside = str(Path(sys.executable).parent)
    os.environ["PATH"] = f"{beside}{os.pathsep}{os.environ['PATH']}"
    sys.argv = ["", *command[1:]]
    sys.stdin.close()
    sys.path.insert(0, os.getcwd())  # as `python -m` has it
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    _serve()
    os._exit(0)  # with some thousand modules the ordinary end takes seconds
