"""Does grading work in a container that is not privileged, and is it said what is missing where not?

No container engine is needed: what one takes away is taken away here (docs/container.md).
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hours import in_turn
from ordinary_user import as_ordinary_user

# As the filter that runtimes bring does to who has no CAP_SYS_ADMIN.
FILTER = """
import pyseccomp
filter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
for name in ("unshare", "setns", "mount", "umount2", "pivot_root"):
    filter.add_rule(pyseccomp.ERRNO(1), name)
filter.add_rule(pyseccomp.ERRNO(38), "clone3")
for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x4000000, 0x8000000, 0x2000000):
    filter.add_rule(pyseccomp.ERRNO(1), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
filter.load()
"""
START = """
from headcheck.sandbox.forkserver import Forkserver, ForkserverError
from headcheck.sandbox.jail import IsolationUnavailable

try:
    with Forkserver.start() as server:
        print("own users" if server.own_users else "one user")
except (IsolationUnavailable, ForkserverError) as error:
    print(error.reason, error.remedy)
"""


def said(folder: Path, code: str, **how: Any) -> str:
    how = {"user": 12345, "numbers": "lent"} | how
    done: subprocess.CompletedProcess[str] = as_ordinary_user(
        folder, how.pop("user"), "-c", code, **how
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(
    not (shutil.which("setcap") and shutil.which("newuidmap")),
    reason="needs the programs setcap and newuidmap (Debian: libcap2-bin, uidmap)",
)
@in_turn
def test_with_the_three_settings_each_submission_is_a_user_of_its_own(tmp_path: Path) -> None:
    assert said(tmp_path, START, where="uncovered container") == "own users\n"


@pytest.mark.parametrize(
    ("how", "reason", "remedy"),
    [
        ({}, "mount proc", "systempaths=unconfined"),
        ({"user": 0, "group": 0}, "Root may not make namespaces", "ordinary user of the container"),
    ],
)
def test_what_is_missing_is_said(
    tmp_path: Path, how: dict[str, Any], reason: str, remedy: str
) -> None:
    told = said(tmp_path, START, where="container", **how)
    assert reason in told and remedy in told
    assert "docs/container.md" in told


def test_a_filter_that_forbids_namespaces_is_named(tmp_path: Path) -> None:
    told = said(tmp_path, FILTER + START, where="uncovered container", numbers="alone")
    assert "namespace" in told and "seccomp=unconfined" in told
