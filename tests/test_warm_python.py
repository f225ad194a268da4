"""Is what runs in a process forked from a warm one the same as in a new one?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from warm_python import run_module

SAYS = """
import atexit, os, sys, threading
atexit.register(print, "at the end")
print(sys.argv[1:], os.getcwd(), os.environ.get("ASKED"), __name__, sys.path[0] == os.getcwd())
print("größe ✓", sys.stdout.encoding, sys.stdout.isatty(), threading.active_count())
print("wrong", file=sys.stderr)
print(repr(sys.stdin.read()))
"""
ENDS = {
    "well": "",
    "by an exit": "sys.exit(3)",
    "by a sentence": "sys.exit('no')",
    "by an exception": "raise ValueError('a fault')",
    "at once": "sys.stdout.flush(); os._exit(4)",
    "by a signal": "sys.stdout.flush(); os.kill(os.getpid(), 9)",
}


@pytest.mark.parametrize("end", ENDS)
def test_does_a_module_do_the_same(tmp_path: Path, end: str) -> None:
    (tmp_path / "asked.py").write_text(SAYS + ENDS[end])
    environment = os.environ | {"ASKED": "yes", "PYTHONDONTWRITEBYTECODE": "1"}
    new = subprocess.run(
        [sys.executable, "-m", "asked", "a", "b c"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    forked = run_module(tmp_path, "asked", "a", "b c", environment=environment)
    assert (forked.returncode, forked.stdout) == (new.returncode, new.stdout)
    assert forked.stderr.splitlines()[:1] == ["wrong"]
    assert forked.stderr.splitlines()[-1:] == new.stderr.splitlines()[-1:]


def test_does_nothing_of_one_reach_the_next(tmp_path: Path) -> None:
    text = "import os, sys, json; json.left = 1; os.environ['LEFT'] = '1'; os.chdir('/')"
    (tmp_path / "leaves.py").write_text(text)
    asks = "import os, json; print(hasattr(json, 'left'), 'LEFT' in os.environ, os.getcwd())"
    (tmp_path / "asks.py").write_text(asks)
    environment = dict(os.environ)
    assert run_module(tmp_path, "leaves", environment=environment).returncode == 0
    done = run_module(tmp_path, "asks", environment=environment)
    assert done.stdout == f"False False {tmp_path}\n"
