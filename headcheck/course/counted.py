"""A number and what it counts, as one says it: `1 mark`, `3 marks`."""

from __future__ import annotations


def counted(number: float, one: str, many: str = "") -> str:
    """`many`: where it is not `one` with an s at its end."""
    # (Of a whole million `:g` says 1e+06.)
    said = number if isinstance(number, int) else f"{number:g}"
    return f"{said} {one if abs(number) == 1 else many or f'{one}s'}"
