"""Does one Ctrl-C end the program, wherever it arrives?"""

from __future__ import annotations

import subprocess
import sys

import pytest

from headcheck.start import STOPPED

PROGRAM = """
import signal, sys, time, weakref
from headcheck.desk.interrupt import keep_interrupts

signal.signal(signal.SIGINT, signal.default_int_handler)
keep_interrupts()

class Thing:
    def __del__(self):
        {in_del}

thing = Thing()
gone = weakref.ref(thing, lambda _: {in_callback})
try:
    del thing
    time.sleep(60)
except KeyboardInterrupt:
    print("stopped")
"""
SECONDS = 300  # a guard: a program that ends too late has not said "stopped"
CTRL_C = "signal.raise_signal(signal.SIGINT)"


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS, check=False
    )


def run(**parts: str) -> subprocess.CompletedProcess[str]:
    return python(PROGRAM.format(**({"in_del": "pass", "in_callback": "None"} | parts)))


@pytest.mark.parametrize("where", ["in_del", "in_callback"])
def test_does_it_end_when_python_throws_the_interrupt_away(where: str) -> None:
    done = run(**{where: CTRL_C})
    assert (done.stdout, done.stderr) == ("stopped\n", "")


def test_is_any_other_lost_error_still_shown() -> None:
    done = run(in_del=f"{CTRL_C} if sys is None else 1 / 0", in_callback=CTRL_C)
    assert done.stdout == "stopped\n"
    assert "ZeroDivisionError" in done.stderr
    assert "KeyboardInterrupt" not in done.stderr


WAITING = """
import _thread, signal, threading
from concurrent.futures import Future
from headcheck.grading.finished import first_finished, result_of

# (A shell starts what it puts into the background with this signal ignored.)
signal.signal(signal.SIGINT, signal.default_int_handler)
# As a signal that comes just before a wait begins: it is noted, and ends no wait.
try:
    threading.Timer(0.3, _thread.interrupt_main).start()
    {wait}
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.parametrize("wait", ["result_of(Future())", "first_finished([Future()])"])
def test_does_it_end_when_it_comes_just_before_a_wait(wait: str) -> None:
    done = python(WAITING.format(wait=wait))
    assert (done.stdout, done.stderr) == ("stopped\n", "")


LOADING = """
import sys
from headcheck.start import main

class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == "{name}":
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
sys.argv = ["headcheck", "todo"]
main()
"""


@pytest.mark.parametrize("name", ["headcheck.cli", "typer.main"])
def test_does_it_end_without_a_trace_when_it_comes_while_the_program_loads(name: str) -> None:
    done = python(LOADING.format(name=name))
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == f"headcheck: {STOPPED}\n"
