"""Text from folders, files and students, made safe at the place where a person reads it.

A name may hold what moves a terminal's cursor, turns the reading direction round, or is a formula
for a spreadsheet. Nothing is dropped: what cannot be shown as it is, is shown as its number.
"""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # invisible, but words of some languages need them
_LAYOUT = {ord("\n"): None, ord("\t"): None}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def lines(text: str) -> str:
    """Text of several lines, without anything that acts on a terminal or a page."""
    if text.translate(_LAYOUT).isprintable():  # nearly all
        return text
    return "".join(c if c in "\n\t" else _shown(c) for c in text)


def line(text: str) -> str:
    """The same for what has to stay in one line."""
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def spreadsheet(text: str) -> str:
    """A text cell of a CSV file: no spreadsheet takes it for a formula, not even after spaces."""
    shown = lines(text)
    return (
        f"'{shown}" if shown.startswith(_FORMULA) or shown.lstrip().startswith(_FORMULA) else shown
    )


def _shown(sign: str) -> str:
    if sign.isprintable() or sign in _JOINERS or unicodedata.category(sign) == "Zs":
        return sign
    return sign.encode("unicode_escape", "backslashreplace").decode("ascii")
