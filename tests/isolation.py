"""Whether anybody can isolate here, asked of the kernel without our code: a fault of ours fails, and skips nothing."""

from __future__ import annotations

import subprocess

import pytest

from headcheck.sandbox.room import bubblewrap


def needs_isolation() -> None:
    """Skips where the kernel lets nobody make namespaces."""
    bare = [bubblewrap(), "--unshare-all", "--ro-bind", "/", "/", "true"]
    if problem := subprocess.run(bare, capture_output=True, text=True).stderr:
        pytest.skip(f"this kernel lets nobody make namespaces: {problem}")
