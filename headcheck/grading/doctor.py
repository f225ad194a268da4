"""What can this machine do? Every finding that is a problem names its remedy.

Imports nothing heavy itself: whether the libraries work together is found out by
starting a forkserver, which also tries the jail.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from headcheck.course.directory import Course, CourseError
from headcheck.course.libraries import USUAL, libraries_of
from headcheck.sandbox.jail import IsolationUnavailable, JailSettings

PACKAGES_REMEDY = "pip install -c constraints.txt -e '.[torch,grade]'"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `remedy` is empty when it is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def diagnose() -> list[Finding]:
    """Everything that grading with the isolated engine needs, the costly check last.

    Of libraries: those of the course in the working directory; elsewhere, those of this one.
    """
    try:
        libraries = libraries_of(Course.open(Path()).config)
    except CourseError:
        libraries = USUAL
    findings = [_python(), *_packages(libraries), _memory()]
    if sys.platform != "linux":
        here = platform.system() or sys.platform
        remedy = "Grade on Linux, or ask for --engine nbgrader, which does not isolate."
        return [*findings, Finding("isolation", False, f"needs Linux; this is {here}", remedy)]
    return [*findings, *quick(), _fair_shares(), _forkserver(libraries)]


def quick() -> list[Finding]:
    """What isolation needs of Linux, without starting anything."""
    return [_bubblewrap(), _seccomp(), _landlock()]


def _python() -> Finding:
    version = platform.python_version()
    ok = (3, 11) <= sys.version_info < (3, 14)
    return Finding("Python", ok, version, "" if ok else "Use Python 3.11, 3.12 or 3.13.")


def _packages(libraries: Sequence[str]) -> list[Finding]:
    """Is what headcheck needs installed, and what torchvision needs of torch?"""
    findings = []
    extras = ("grade", "torch") if {*USUAL} & {*libraries} else ("grade",)
    for owner in ("headcheck", "torchvision"):
        try:
            needed = [Requirement(text) for text in metadata.requires(owner) or []]
        except metadata.PackageNotFoundError:
            continue  # then it is missing in headcheck's own list
        for requirement in needed:
            if owner == "torchvision" and requirement.name != "torch":
                continue
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
                findings.append(_package(requirement, owner))
    return findings


def _package(requirement: Requirement, owner: str) -> Finding:
    name = requirement.name if owner == "headcheck" else f"{requirement.name} for {owner}"
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", PACKAGES_REMEDY)
    if requirement.specifier.contains(version, prereleases=True):
        return Finding(name, True, version)
    return Finding(name, False, f"{version}; needs {requirement.specifier}", PACKAGES_REMEDY)


def _memory() -> Finding:
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    needed = JailSettings().memory_mib / 1024 + 2  # one submission at its limit, and a warm Python
    remedy = "Use --jobs 1 and lower c.Headcheck.memory_mib in grader_config.py."
    return Finding("memory", total >= needed, f"{total:.1f} GiB", "" if total >= needed else remedy)


def _bubblewrap() -> Finding:
    from headcheck.sandbox.room import bubblewrap

    try:
        return Finding("bubblewrap", True, bubblewrap())
    except IsolationUnavailable as problem:
        return Finding("bubblewrap", False, problem.reason, problem.remedy)


def _seccomp() -> Finding:
    from headcheck.sandbox.syscalls import build_filter

    try:
        count = len(build_filter()) // 8
    except (ImportError, RuntimeError, OSError) as problem:
        remedy = "Install the system package libseccomp2 (libseccomp on Fedora and Arch)."
        return Finding("libseccomp", False, str(problem), remedy)
    return Finding("libseccomp", True, f"a filter of {count} instructions")


def _landlock() -> Finding:
    import landlockpy

    version = landlockpy.abi_version()
    remedy = "Boot a kernel from 5.13 on with `lsm=landlock,...` (see /sys/kernel/security/lsm)."
    detail = f"version {version}, Linux {platform.release()}"
    return Finding("Landlock", version > 0, detail, "" if version else remedy)


def _fair_shares() -> Finding:
    """How a submission with many processes is kept from slowing its neighbours."""
    grouped = Path("/proc/self/autogroup").exists()
    detail = "processes that crowd get a lower priority"
    if grouped and os.geteuid() == 0:
        detail += ", and so do the sessions they make (autogroup)"
    elif grouped:
        detail += "; sessions (autogroup) do not, only root may lower theirs"
    return Finding("fair shares", True, detail)


def _forkserver(libraries: Sequence[str]) -> Finding:
    from headcheck.sandbox.forkserver import Forkserver, ForkserverError

    user = "root" if os.geteuid() == 0 else "an ordinary user"
    try:
        with Forkserver.start([], libraries) as server:
            apart = (
                "each submission a kernel user of its own"
                if server.own_users
                else "all submissions one kernel user: they share what the kernel counts per user "
                "(newuidmap, a line in /etc/subuid and /etc/subgid, and folders of Python that "
                "everybody may read give each its own)"
            )
            shared = f"{server.warm_memory_mib:.0f} MiB shared by all submissions"
            return Finding("forkserver and jail", True, f"works as {user}; {shared}; {apart}")
    except (ForkserverError, IsolationUnavailable) as problem:
        return Finding("forkserver and jail", False, problem.reason, problem.remedy)
