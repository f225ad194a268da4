"""How many there are, as one says it: `1 mark`, `3 marks`, `2 days 3 hours`, `ada, bob and 3 more`."""

from __future__ import annotations

from collections.abc import Iterable


def counted(number: float, one: str, many: str = "") -> str:
    """`many`: where it is not `one` with an s at its end."""
    # (Of a whole million `:g` says 1e+06.)
    said = number if isinstance(number, int) else f"{number:g}"
    return f"{said} {one if abs(number) == 1 else many or f'{one}s'}"


def first_of(names: Iterable[str], most: int, sign: str = ", ") -> str:
    """The first of them, and how many more: `ada, bob and 3 more`."""
    every = [*names]
    few = sign.join(every[:most])
    return f"{few} and {len(every) - most} more" if len(every) > most else few


def span(seconds: float) -> str:
    """A duration in the two largest units that are not nothing."""
    left, parts = int(seconds), []
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        count, left = divmod(left, size)
        if count:
            parts.append(counted(count, unit))
    return " ".join(parts[:2]) or "under a minute"
