"""Does a process inherit a byte of the submissions that were graded before it?

Every child can read all memory that the forkserver had when it was forked, freed memory included.
So markers are planted in many submissions, wherever a submission has room for one, and looked for
in the memory of the forkserver and of children forked from it afterwards.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import pytest
from hours import IN_THE_NIGHT, in_turn
from nbformat.v4 import new_notebook
from test_isolated import HONEST, lesson

from headcheck.grading.engines.isolated import IsolatedEngine
from headcheck.grading.engines.student import StudentProcess
from headcheck.grading.submission import grade
from headcheck.grading.work import Limits, Work
from headcheck.sandbox.forkserver import Forkserver
from headcheck.sandbox.watchdog import host_pid, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the isolated engine needs Linux")

TEXT = "PLANTED-IN-A-SUBMISSION"
SEED = 0x5A17_93C4_6E2B_0000  # the seeds of all submissions differ in the last 16 bits alone
MANY = 30 if IN_THE_NIGHT else 3
DIGITS = [(SEED >> shift) & (1 << 30) - 1 for shift in (30, 60)]  # how Python itself stores it
STEMS = {
    "text": TEXT.encode(),
    "wide text": TEXT.encode("utf-16-le"),
    "very wide text": TEXT.encode("utf-32-le"),
    "a seed's decimal digits": str(SEED)[:14].encode(),
    "a seed's hexadecimal digits": f"{SEED:x}"[:12].encode(),
    "a seed, little end first": SEED.to_bytes(8, "little")[2:],
    "a seed, big end first": SEED.to_bytes(8, "big")[:6],
    "a seed as a Python number": b"".join(digit.to_bytes(4, "little") for digit in DIGITS),
}


def planted_in(pid: int) -> list[str]:
    """Which markers the writable memory of a process holds."""
    found = set()
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights, *_ = line.split()
            if "w" not in rights:
                continue
            start, end = (int(number, 16) for number in span.split("-"))
            memory.seek(start)
            try:
                data = memory.read(end - start)
            except OSError:
                if span in Path(f"/proc/{pid}/maps").read_text():
                    raise
                continue  # it was given back meanwhile: nobody inherits it
            found.update(kind for kind, stem in STEMS.items() if stem in data)
    return sorted(found)


def one_submission(number: int) -> Work:
    mark = f"{TEXT}-{number}"
    wide = f"{mark} \u2713 \U0001f600"
    answer = f"{HONEST}  # {mark}\nname_{mark.replace('-', '_')} = '{wide}'"
    before = (
        "raise ValueError(open('data/mine.txt').read())" if number % 3 else "import os; os._exit(3)"
    )
    cells = lesson(answer, before=before)
    for cell in cells:
        cell.metadata["note"] = mark
    return Work(
        student=mark,
        assignment=mark,
        notebook_name=mark,
        notebook=nbformat.writes(new_notebook(cells=cells)).encode(),
        files={f"{mark}.txt": wide.encode(), "data/mine.txt": mark.encode()},
        seed=SEED + number,
        limits=Limits(cell_seconds=20, submission_seconds=100, memory_mib=1024),
    )


@in_turn
def test_nothing_of_many_submissions_is_inherited(forkserver: Forkserver) -> None:
    engine = IsolatedEngine(forkserver)
    for number in range(MANY):
        graded = grade(one_submission(number), engine)
        assert [cell.outcome for cell in graded.cells] == ["passed", "passed"], graded
    (server,) = (pid for pid in tree(forkserver.process.pid) if _is_python(pid))
    assert planted_in(server) == []
    with StudentProcess(forkserver, Limits()) as fresh:
        assert fresh.run_cell("1").outcome == "passed"
        assert planted_in(host_pid(fresh.child.pidfd)) == []


@in_turn
def test_the_search_finds_what_is_there(forkserver: Forkserver) -> None:
    """In a child that was told: else the test above could not fail."""
    numbers = (
        f"kept = [{SEED + 7}, ({SEED + 7}).to_bytes(8, 'big'), ({SEED + 7}).to_bytes(8, 'little')]"
    )
    texts = f"more = [hex({SEED + 7}), '{TEXT}', '{TEXT}\u2713', '{TEXT}\U0001f600']"
    with StudentProcess(forkserver, Limits()) as told:
        assert told.run_cell(f"{numbers}\n{texts}").outcome == "passed"
        assert planted_in(host_pid(told.child.pidfd)) == sorted(STEMS)


def _is_python(pid: int) -> bool:
    return b"headcheck.inside.warm" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") and (
        os.readlink(f"/proc/{pid}/exe").rpartition("/")[2].startswith("python")
    )
