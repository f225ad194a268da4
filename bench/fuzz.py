"""The fuzzers of the tests, for long: what is read from students and sent by their processes.

python bench/fuzz.py [SECONDS]      stops after that time (600) or at the first fault
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
FUZZERS = ("test_any_notebook.py", "test_outputs.py")


def main(seconds: float) -> int:
    """Run every fuzzer until one finds something or the time is up; an exit code."""
    found = 0
    for name in FUZZERS:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-k",
            "any or kept",
            "-o",
            "timeout=0",
        ]
        try:
            done = subprocess.run(
                [*command, "--hypothesis-profile=long", str(TESTS / name)],
                timeout=seconds / len(FUZZERS),
            )
            found = found or done.returncode
        except subprocess.TimeoutExpired:
            print(f"{name}: nothing found in {seconds / len(FUZZERS):.0f} s")
    return found


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 600))
