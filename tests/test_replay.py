"""What runs next when processes end? The way through a notebook, without any process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from headcheck.grading.engines.replay import Refuse, Replay, RunCell, Start


def way(
    cells: list[int],
    ends: Callable[[int, int], bool] = lambda cell, process: False,
    *,
    time: int = 10**6,
    starts: int = 99,
    also: Callable[[Replay, int], None] = lambda replay, cell: None,
) -> str:
    """The whole way as a text: `|` a start, `3` a first run, `(3)` a run again, `3!` that ended the
    process, `-3` refused. `ends(cell, process)`; `time`: cells that may run."""
    replay, told = Replay(cells, starts), []
    while (step := replay.next(in_time=time > 0)) is not None:
        match step:
            case Start():
                told.append("|")
                replay.started()
            case Refuse(index):
                told.append(f"-{index}")
            case RunCell(index, again):
                time -= 1
                also(replay, index)
                lost = ends(index, replay.starts)
                told.append((f"({index})" if again else f"{index}") + "!" * lost)
                replay.lost() if lost else replay.went_on()
    return " ".join(told)


TABLE = [
    ("nothing to run starts nothing", way([]), ""),
    ("all goes well", way([0, 2, 5]), "| 0 2 5"),
    ("the first ends it", way([0, 1, 2], lambda c, _: c == 0), "| 0! | 1 2"),
    ("one in the middle", way([0, 1, 2, 3], lambda c, _: c == 1), "| 0 1! | (0) 2 3"),
    ("the last: nothing is run again for nobody", way([0, 1], lambda c, _: c == 1), "| 0 1!"),
    (
        "two culprits cost two questions",
        way([0, 1, 2, 3, 4], lambda c, _: c in (1, 3)),
        "| 0 1! | (0) 2 3! | (0) (2) 4",
    ),
    (
        "neighbours",
        way([0, 1, 2, 3], lambda c, _: c in (1, 2)),
        "| 0 1! | (0) 2! | (0) 3",
    ),
    (
        "one that ends it only the second time",
        way([0, 1, 2, 3], lambda c, process: c == 2 or (c, process) == (0, 2)),
        "| 0 1 2! | (0)! | (1) 3",
    ),
    (
        "each ends it: as many starts as allowed, the others are refused",
        way([0, 1, 2, 3], lambda c, _: True, starts=2),
        "| 0! | 1! -2 -3",
    ),
    ("no time left", way([0, 1, 2], time=1), "| 0 -1 -2"),
    (
        "no time left while cells are run again",
        way([0, 1, 2, 3], lambda c, _: c == 2, time=4),
        "| 0 1 2! | (0) -3",
    ),
    ("no time at all starts nothing", way([0, 1], time=0), "-0 -1"),
    (
        "what is left out is not run, neither again nor at first",
        way(
            [0, 1, 2, 3, 4],
            lambda c, _: c == 2,
            also=lambda replay, cell: replay.leave_out([1, 3]) if cell == 2 else None,
        ),
        "| 0 1 2! | (0) 4",
    ),
]


@pytest.mark.parametrize(
    ("found", "expected"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_what_runs_next(found: str, expected: str) -> None:
    assert found == expected


@pytest.mark.parametrize("bad", range(64))
def test_does_each_cell_have_one_turn_whichever_end_their_process(bad: int) -> None:
    """All 64 choices of culprits among six cells."""
    ends = {cell for cell in range(6) if bad >> cell & 1}
    told = way(list(range(6)), lambda c, _: c in ends)
    assert [int(c) for word in told.split() if (c := word.strip("!")).isdigit()] == [*range(6)]
    before: list[str] = []
    for life in told.split("|")[
        1:
    ]:  # in each process: all that came before and ended none, then on
        words = life.split()
        assert words[: len(before)] == [f"({cell})" for cell in before]
        before += [word for word in words[len(before) :] if word.isdigit()]
    assert told.count("|") == 1 + len(ends - {5})
