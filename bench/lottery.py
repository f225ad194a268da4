"""Does the draw of the secret sizes decide a mark? Every variant and every mutant, many draws.

    python bench/lottery.py                         (all ten lessons, twenty draws; an hour on a core)
    python bench/lottery.py 09-capstone --draws 40

Prints each (sample, check) whose verdict is not the same in all draws, and each whose verdict is
not what the sample's file says; ends with 1 when there is one. A check that a sample's answers do
not reach says what it says of the reference, which is among the samples.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from classes import ROOT

from headcheck.course.directory import Course

sys.path.append(str(ROOT / "tests"))
from corpus import SAMPLES, is_endless
from draws import unsteady, verdicts_of


def main(
    lessons: Annotated[list[str] | None, typer.Argument(help="all of them when left out")] = None,
    draws: int = 20,
    processes: int = 1,
    first: int = 1,
    course: Path = ROOT,
    only: Annotated[str, typer.Option(help="samples whose name fits this pattern")] = "",
    every_check: Annotated[
        bool, typer.Option("--every-check", help="also those that a sample's answers cannot reach")
    ] = False,
) -> None:
    opened = Course.open(course)
    wrong = pairs = 0
    for lesson in opened.select(lessons or []):
        started = time.monotonic()
        names = {
            id(sample): name
            for name, sample in SAMPLES.items()
            if sample.lesson == lesson.name
            and re.search(only, name)
            and not name.startswith("class")
            and not is_endless(name)  # only the real engine's limits end it
        }
        samples = [sample for sample in SAMPLES.values() if id(sample) in names]
        seeds = range(first, first + draws)
        for sample, verdicts in verdicts_of(
            samples, opened, seeds, processes, only_concerned=not every_check
        ):
            name = names[id(sample)]
            pairs += len(verdicts)
            changed = list(unsteady(name, verdicts))
            for found in changed:
                print(f"UNSTEADY {found}", flush=True)
            deserved = sample.expected(dict.fromkeys(verdicts, 1.0))
            for check, passed in verdicts.items():
                if len(set(passed)) == 1 and passed[0] != (deserved[check] > 0):
                    print(f"NOT AS ITS FILE SAYS {name}: {check} passed: {passed[0]}", flush=True)
                    wrong += 1
            wrong += len(changed)
        print(
            f"{lesson.name}: {len(samples)} samples, {time.monotonic() - started:.0f} s", flush=True
        )
    print(f"{pairs} pairs of sample and check, {draws} draws: {wrong} are not as they should be")
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    typer.run(main)
