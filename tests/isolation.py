"""A test that starts an isolated grader of its own, without the one that all tests share."""

from __future__ import annotations

import subprocess

import pytest

from headcheck.sandbox.room import bubblewrap


def needs_isolation() -> None:
    """Skips where the kernel lets nobody make namespaces."""
    bare = [bubblewrap(), "--unshare-all", "--ro-bind", "/", "/", "true"]
    if problem := subprocess.run(bare, capture_output=True, text=True).stderr:
        pytest.skip(f"this kernel lets nobody make namespaces: {problem}")
