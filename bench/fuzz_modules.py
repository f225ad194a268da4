"""The fuzzer of tests/test_fuzz_modules.py for as long as one likes.

    python bench/fuzz_modules.py --seconds 600 [--seed 1000]

Prints every spoiled head with a wrong verdict and every changed description that was believed
against its numbers; exit 1 if there was one.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))


def main() -> int:
    from test_fuzz_modules import TRICKS, wrong_verdicts, wrong_yes_of_changed_descriptions

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1000)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    end, seed, wrong, heads, descriptions = (
        time.monotonic() + arguments.seconds,
        arguments.seed,
        [],
        0,
        0,
    )
    while time.monotonic() < end:
        found = wrong_verdicts(seed, len(TRICKS)) + wrong_yes_of_changed_descriptions(seed, 200)
        print(*found, sep="\n", end="\n" if found else "")
        wrong += found
        seed, heads, descriptions = seed + 1, heads + len(TRICKS), descriptions + 200
    print(f"{heads} spoiled heads, {descriptions} changed descriptions: {len(wrong)} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
